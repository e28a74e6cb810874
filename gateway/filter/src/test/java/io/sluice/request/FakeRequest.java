package io.sluice.request;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request made of nothing but what a test says. */
public final class FakeRequest implements RequestView {

  private final String method;
  private final CanonicalPath path;
  private final Map<String, List<String>> headers = new HashMap<>();
  private final Map<String, String> queries = new HashMap<>();
  private final Map<String, String> cookies = new HashMap<>();
  private String host = "";
  private String peer = "192.0.2.1";

  private FakeRequest(String method, CanonicalPath path) {
    this.method = method;
    this.path = path;
  }

  /** Reads {@code GET /api/chat}, with the path under the default rules. */
  public static FakeRequest of(String line) {
    int space = line.indexOf(' ');
    try {
      CanonicalPath path = CanonicalPath.of(line.substring(space + 1), PathRules.DEFAULT);
      return new FakeRequest(line.substring(0, space), path);
    } catch (RefusedPathException e) {
      throw new IllegalArgumentException(line, e);
    }
  }

  public FakeRequest host(String value) {
    host = value;
    return this;
  }

  public FakeRequest peer(String value) {
    peer = value;
    return this;
  }

  public FakeRequest header(String name, String value) {
    headers.computeIfAbsent(name.toLowerCase(Locale.ROOT), n -> new ArrayList<>()).add(value);
    return this;
  }

  public FakeRequest query(String name, String value) {
    queries.put(name, value);
    return this;
  }

  public FakeRequest cookie(String name, String value) {
    cookies.put(name, value);
    return this;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public CanonicalPath path() {
    return path;
  }

  @Override
  public String host() {
    return host;
  }

  @Override
  public List<String> headers(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  @Override
  public @Nullable String query(String name) {
    return queries.get(name);
  }

  @Override
  public @Nullable String cookie(String name) {
    return cookies.get(name);
  }

  @Override
  public String peer() {
    return peer;
  }
}
