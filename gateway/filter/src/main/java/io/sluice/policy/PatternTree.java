package io.sluice.policy;

import io.sluice.policy.RoutePattern.Segment;
import io.sluice.request.RequestView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the values whose patterns cover a request by walking its path through a tree with one level
 * per segment.
 *
 * <p>A node has a child per literal, at most one child for "any one segment", and the patterns that
 * end there, with or without "the rest", by host. A request follows its own literal and the
 * wildcard child at each level, so the walk visits at most {@code 2^w} nodes where {@code w} is the
 * number of levels on which both exist along the way; it depends on the depth of the path and not
 * on how many patterns there are. Methods are compared only on the patterns so found.
 *
 * <p>Thread-safe once everything is added and it was handed over safely.
 *
 * @param <T> what is found; knows its pattern
 */
public final class PatternTree<T> {

  /** What it has none of is null: in a large tree every object looked at is a cache miss. */
  private static final class Node<T> {
    private @Nullable Map<String, Node<T>> literals;
    private @Nullable Node<T> one;
    private @Nullable HostIndex<T> ends;
    private @Nullable HostIndex<T> rests;
  }

  private final Node<T> root = new Node<>();
  private final Function<T, RoutePattern> pattern;

  /**
   * Creates an empty tree.
   *
   * @param pattern returns the pattern of a value, always the same
   */
  public PatternTree(Function<T, RoutePattern> pattern) {
    this.pattern = pattern;
  }

  /** Adds a value under its pattern. */
  public void add(T value) {
    RoutePattern line = pattern.apply(value);
    Node<T> node = root;
    for (Segment segment : line.segments()) {
      if (segment instanceof Segment.Rest) {
        node.rests = added(node.rests, line.host(), value);
        return;
      }
      node = child(node, segment);
    }
    node.ends = added(node.ends, line.host(), value);
  }

  /** Adds the values that cover a request to {@code found}, in no particular order. */
  public void collect(RequestView request, List<T> found) {
    walk(root, request.path().segments(), 0, request, found);
  }

  private HostIndex<T> added(@Nullable HostIndex<T> values, @Nullable String host, T value) {
    HostIndex<T> grown = values == null ? new HostIndex<>() : values;
    grown.add(host, value);
    return grown;
  }

  private Node<T> child(Node<T> node, Segment segment) {
    if (segment instanceof Segment.Literal literal) {
      Map<String, Node<T>> literals = node.literals;
      if (literals == null) {
        literals = new HashMap<>(4);
        node.literals = literals;
      }
      return literals.computeIfAbsent(literal.value(), value -> new Node<>());
    }
    Node<T> one = node.one;
    if (one == null) {
      one = new Node<>();
      node.one = one;
    }
    return one;
  }

  private void walk(
      Node<T> node, List<String> path, int depth, RequestView request, List<T> found) {
    match(node.rests, request, found);
    if (depth == path.size()) {
      match(node.ends, request, found);
      return;
    }
    Node<T> literal = node.literals == null ? null : node.literals.get(path.get(depth));
    if (literal != null) {
      walk(literal, path, depth + 1, request, found);
    }
    if (node.one != null) {
      walk(node.one, path, depth + 1, request, found);
    }
  }

  private void match(@Nullable HostIndex<T> values, RequestView request, List<T> found) {
    if (values == null) {
      return;
    }
    values.forEach(
        request.host(),
        value -> {
          if (pattern.apply(value).coversMethod(request.method())) {
            found.add(value);
          }
        });
  }
}
