package io.sluice.policy;

import io.sluice.policy.Policy.Mode;
import io.sluice.request.RequestView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds the policies that cover a request. Immutable after {@link #of} and thread-safe. */
final class PolicyTree {

  /** A pattern with its place in the book: the policy's, then its own within the policy. */
  private record Entry(int order, int index, Match match) {}

  private static final Comparator<Entry> BOOK_ORDER =
      Comparator.comparingInt(Entry::order).thenComparingInt(Entry::index);

  private final PatternTree<Entry> tree = new PatternTree<>(entry -> entry.match().pattern());

  private PolicyTree() {}

  /** Builds the tree of all patterns of all policies that are not off. */
  static PolicyTree of(List<Policy> policies) {
    PolicyTree made = new PolicyTree();
    for (int order = 0; order < policies.size(); order++) {
      Policy policy = policies.get(order);
      for (int index = 0; policy.mode() != Mode.OFF && index < policy.match().size(); index++) {
        made.tree.add(new Entry(order, index, new Match(policy, policy.match().get(index))));
      }
    }
    return made;
  }

  /** Returns each covering policy once, with its first covering pattern, in book order. */
  List<Match> covering(RequestView request) {
    List<Entry> found = new ArrayList<>(4);
    tree.collect(request, found);
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
}
