package io.sluice.admin;

import io.sluice.request.CanonicalPath;
import io.sluice.request.RequestView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request that an operator's query describes, as far as it does. Whatever the query leaves out
 * is absent here. Immutable.
 */
record AskedRequest(LimitQuery query, CanonicalPath path) implements RequestView {

  @Override
  public String method() {
    return query.text("method", "GET");
  }

  @Override
  public String host() {
    return query.text("host", "");
  }

  @Override
  public List<String> headers(String name) {
    String value = query.named("header", name);
    return value == null || value.isEmpty() ? List.of() : List.of(value);
  }

  @Override
  public @Nullable String query(String name) {
    return query.named("query", name);
  }

  @Override
  public @Nullable String cookie(String name) {
    return query.named("cookie", name);
  }

  @Override
  public String peer() {
    return query.text("ip", "");
  }
}
