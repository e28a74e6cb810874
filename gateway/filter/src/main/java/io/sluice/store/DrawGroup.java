package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * The draws of one request on buckets of one slot.
 *
 * @param slot the slot
 * @param draws what is wanted there
 * @param places the place of each among all draws of the request
 */
record DrawGroup(int slot, List<Draw> draws, List<Integer> places) {

  /**
   * Returns draws by their slots, the tightest first: it is the likeliest to refuse, and what comes
   * before a refusal has to be given back. Requests that want the same have the same order, so that
   * the first slot lets through no more than the others have, too.
   */
  static List<DrawGroup> of(List<Draw> draws, ToIntFunction<BucketKey> slots) {
    Map<Integer, DrawGroup> groups = new LinkedHashMap<>();
    for (int i = 0; i < draws.size(); i++) {
      Draw draw = draws.get(i);
      DrawGroup group =
          groups.computeIfAbsent(
              slots.applyAsInt(draw.key()),
              slot -> new DrawGroup(slot, new ArrayList<>(), new ArrayList<>()));
      group.draws.add(draw);
      group.places.add(i);
    }
    List<DrawGroup> ordered = new ArrayList<>(groups.values());
    ordered.sort(Comparator.comparingDouble(DrawGroup::requests).thenComparingInt(DrawGroup::slot));
    return ordered;
  }

  /** Returns each draw of this group as a group of its own. */
  List<DrawGroup> apart() {
    List<DrawGroup> each = new ArrayList<>(draws.size());
    for (int i = 0; i < draws.size(); i++) {
      each.add(new DrawGroup(slot, List.of(draws.get(i)), List.of(places.get(i))));
    }
    return each;
  }

  /** Puts the verdicts of this group where they belong among all. */
  void spread(List<Verdict> some, Verdict[] all) {
    for (int i = 0; i < places.size(); i++) {
      all[places.get(i)] = some.get(i);
    }
  }

  /** Returns how many such requests the tightest of the full buckets would grant. */
  private double requests() {
    double least = Double.MAX_VALUE;
    for (Draw draw : draws) {
      least = Math.min(least, (double) draw.bandwidth().capacity() / draw.tokens());
    }
    return least;
  }
}
