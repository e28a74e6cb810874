package io.sluice.policy;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which requests one line of {@code match} covers.
 *
 * @param methods methods covered; empty means all; GET covers HEAD
 * @param host host covered, lower case, without port; null means all; {@code *.example.com} covers
 *     every name below
 * @param segments the path, segment by segment, literals decoded and folded like a request's
 * @param text the line as its author wrote it, for people to read
 */
public record RoutePattern(
    Set<String> methods, @Nullable String host, List<Segment> segments, String text) {

  /** One segment of a path pattern. */
  public sealed interface Segment {

    /** Exactly this segment. */
    record Literal(String value) implements Segment {}

    /** Any one segment; {@code name} is empty for {@code *}. */
    record One(String name) implements Segment {}

    /** Any number of segments, none included; only ever last. */
    record Rest() implements Segment {}
  }

  public RoutePattern {
    methods = Set.copyOf(methods);
    segments = List.copyOf(segments);
    for (int i = 0; i < segments.size() - 1; i++) {
      if (segments.get(i) instanceof Segment.Rest) {
        throw new IllegalArgumentException("** must be the last segment: " + text);
      }
    }
  }

  /** Returns whether the method is covered. */
  public boolean coversMethod(String method) {
    return methods.isEmpty()
        || methods.contains(method)
        || (method.equals("HEAD") && methods.contains("GET"));
  }

  /** Returns whether it covers the same requests as another, however both are written. */
  public boolean coversSameAs(RoutePattern other) {
    return methods.equals(other.methods)
        && Objects.equals(host, other.host)
        && segments.equals(other.segments);
  }

  /** Returns whether it covers every request that the other covers. */
  public boolean coversAll(RoutePattern other) {
    return coversMethodsOf(other) && coversHostsOf(other.host) && coversPathsOf(other.segments);
  }

  private boolean coversMethodsOf(RoutePattern other) {
    return methods.isEmpty()
        || (!other.methods.isEmpty() && other.methods.stream().allMatch(this::coversMethod));
  }

  private boolean coversHostsOf(@Nullable String other) {
    if (host == null || host.equals(other)) {
      return true;
    }
    return other != null && host.startsWith("*.") && other.endsWith(host.substring(1));
  }

  private boolean coversPathsOf(List<Segment> others) {
    for (int i = 0; i < segments.size(); i++) {
      Segment mine = segments.get(i);
      if (mine instanceof Segment.Rest) {
        return true;
      }
      Segment theirs = i < others.size() ? others.get(i) : null;
      boolean covered =
          mine instanceof Segment.One
              ? theirs instanceof Segment.One || theirs instanceof Segment.Literal
              : mine.equals(theirs);
      if (!covered) {
        return false;
      }
    }
    return segments.size() == others.size();
  }

  /** Returns the index of the path segment that carries this name, or -1. */
  public int indexOf(String name) {
    for (int i = 0; i < segments.size(); i++) {
      if (segments.get(i) instanceof Segment.One one && one.name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
