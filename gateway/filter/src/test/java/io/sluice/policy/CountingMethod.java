package io.sluice.policy;

import io.sluice.request.CanonicalPath;
import io.sluice.request.RequestView;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A request that counts how often its method is compared. */
record CountingMethod(RequestView request, AtomicInteger compared) implements RequestView {

  @Override
  public String method() {
    compared.incrementAndGet();
    return request.method();
  }

  @Override
  public CanonicalPath path() {
    return request.path();
  }

  @Override
  public String host() {
    return request.host();
  }

  @Override
  public List<String> headers(String name) {
    return request.headers(name);
  }

  @Override
  public @Nullable String query(String name) {
    return request.query(name);
  }

  @Override
  public @Nullable String cookie(String name) {
    return request.cookie(name);
  }

  @Override
  public String peer() {
    return request.peer();
  }
}
