package io.sluice.bench;

import io.sluice.request.CanonicalPath;
import io.sluice.request.PathRules;
import io.sluice.request.RefusedPathException;
import io.sluice.request.RequestView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A GET request that consists of its path, read beforehand. */
record AskedPath(CanonicalPath path) implements RequestView {

  static AskedPath of(String raw) {
    try {
      return new AskedPath(CanonicalPath.of(raw, PathRules.DEFAULT));
    } catch (RefusedPathException e) {
      throw new IllegalArgumentException("no path to measure with: " + raw, e);
    }
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String host() {
    return "bench.local";
  }

  @Override
  public List<String> headers(String name) {
    return List.of();
  }

  @Override
  public @Nullable String query(String name) {
    return null;
  }

  @Override
  public @Nullable String cookie(String name) {
    return null;
  }

  @Override
  public String peer() {
    return "192.0.2.1";
  }
}
