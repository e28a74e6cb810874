package io.sluice.policy;

import io.sluice.policy.Policy.Mode;
import io.sluice.policy.RoutePattern.Segment;
import io.sluice.request.RequestView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the policies that cover a request by walking its path through a tree with one level per
 * segment.
 *
 * <p>A node has a child per literal, at most one child for "any one segment", and the patterns that
 * end there, with or without "the rest", by host. A request follows its own literal and the
 * wildcard child at each level, so the walk visits at most {@code 2^w} nodes where {@code w} is the
 * number of levels on which both exist along the way; it depends on the depth of the path and not
 * on how many policies the book has. Methods are compared only on the patterns so found.
 *
 * <p>Immutable after {@link #of} and thread-safe.
 */
final class PolicyTree {

  /** A pattern with its place in the book: the policy's, then its own within the policy. */
  private record Entry(int order, int index, Match match) {}

  private static final Comparator<Entry> BOOK_ORDER =
      Comparator.comparingInt(Entry::order).thenComparingInt(Entry::index);

  /** What it has none of is null: in a large book every object looked at is a cache miss. */
  private static final class Node {
    private @Nullable Map<String, Node> literals;
    private @Nullable Node one;
    private @Nullable HostIndex<Entry> ends;
    private @Nullable HostIndex<Entry> rests;
  }

  private final Node root = new Node();

  private PolicyTree() {}

  /** Builds the tree of all patterns of all policies that are not off. */
  static PolicyTree of(List<Policy> policies) {
    PolicyTree tree = new PolicyTree();
    for (int order = 0; order < policies.size(); order++) {
      Policy policy = policies.get(order);
      for (int index = 0; policy.mode() != Mode.OFF && index < policy.match().size(); index++) {
        tree.add(new Entry(order, index, new Match(policy, policy.match().get(index))));
      }
    }
    return tree;
  }

  /** Returns each covering policy once, with its first covering pattern, in book order. */
  List<Match> covering(RequestView request) {
    List<Entry> found = new ArrayList<>(4);
    walk(root, request.path().segments(), 0, request, found);
    if (found.size() > 1) {
      found.sort(BOOK_ORDER);
    }
    List<Match> matches = new ArrayList<>(found.size());
    int last = -1;
    for (Entry entry : found) {
      if (entry.order() != last) {
        matches.add(entry.match());
        last = entry.order();
      }
    }
    return matches;
  }

  private void add(Entry entry) {
    RoutePattern pattern = entry.match().pattern();
    Node node = root;
    for (Segment segment : pattern.segments()) {
      if (segment instanceof Segment.Rest) {
        node.rests = added(node.rests, pattern.host(), entry);
        return;
      }
      node = child(node, segment);
    }
    node.ends = added(node.ends, pattern.host(), entry);
  }

  private static HostIndex<Entry> added(
      @Nullable HostIndex<Entry> entries, @Nullable String host, Entry entry) {
    HostIndex<Entry> grown = entries == null ? new HostIndex<>() : entries;
    grown.add(host, entry);
    return grown;
  }

  private static Node child(Node node, Segment segment) {
    if (segment instanceof Segment.Literal literal) {
      Map<String, Node> literals = node.literals;
      if (literals == null) {
        literals = new HashMap<>(4);
        node.literals = literals;
      }
      return literals.computeIfAbsent(literal.value(), value -> new Node());
    }
    Node one = node.one;
    if (one == null) {
      one = new Node();
      node.one = one;
    }
    return one;
  }

  private static void walk(
      Node node, List<String> path, int depth, RequestView request, List<Entry> found) {
    collect(node.rests, request, found);
    if (depth == path.size()) {
      collect(node.ends, request, found);
      return;
    }
    Node literal = node.literals == null ? null : node.literals.get(path.get(depth));
    if (literal != null) {
      walk(literal, path, depth + 1, request, found);
    }
    if (node.one != null) {
      walk(node.one, path, depth + 1, request, found);
    }
  }

  private static void collect(
      @Nullable HostIndex<Entry> entries, RequestView request, List<Entry> found) {
    if (entries == null) {
      return;
    }
    entries.forEach(
        request.host(),
        entry -> {
          if (entry.match().pattern().coversMethod(request.method())) {
            found.add(entry);
          }
        });
  }
}
