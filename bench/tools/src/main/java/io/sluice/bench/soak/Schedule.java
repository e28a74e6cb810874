package io.sluice.bench.soak;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * Plans one fault after the other; the same ones from the same seed. Each kind has its turn before
 * any comes again, in another order each time. Every other fault of the way befalls one gateway
 * only. For one thread.
 */
final class Schedule {

  /** How soon a gateway must be back, in milliseconds; no calm is shorter. */
  static final long BACK_WITHIN = 2_000;

  private static final long SHORTEST = 1_000;
  private static final long LONGEST = 6_000;
  private static final long MOST_MORE_CALM = 3_000;
  private static final long SPARE = 300;

  private final List<FaultKind> kinds;
  private final int gateways;
  private final boolean hurried;
  private final Random random;
  private final Deque<FaultKind> deck = new ArrayDeque<>();
  private boolean eachHadItsTurn;

  /**
   * Creates a plan.
   *
   * @param millis how long there is: where that is not enough for all kinds, each lasts as short as
   *     may be
   */
  Schedule(List<FaultKind> kinds, int gateways, long millis, long seed) {
    this.kinds = List.copyOf(kinds);
    this.gateways = gateways;
    this.random = new Random(seed);
    long usual = (SHORTEST + LONGEST) / 2 + BACK_WITHIN + MOST_MORE_CALM / 2;
    this.hurried = millis < kinds.size() * usual;
  }

  Fault next() {
    if (deck.isEmpty()) {
      List<FaultKind> shuffled = new ArrayList<>(kinds);
      Collections.shuffle(shuffled, random);
      deck.addAll(shuffled);
    }
    FaultKind kind = deck.remove();
    eachHadItsTurn |= deck.isEmpty();
    long lasts = hurried ? SHORTEST : between(SHORTEST, LONGEST);
    long calm = BACK_WITHIN + SPARE + (hurried ? 0 : between(0, MOST_MORE_CALM));
    boolean one = random.nextBoolean() && kind.isOfTheWay();
    int whom = random.nextInt(gateways);
    return new Fault(kind, one ? whom : Fault.ALL, kind.isInstant() ? 0 : lasts, calm);
  }

  /** Returns whether there is nothing more that has not been. */
  boolean eachHadItsTurn() {
    return eachHadItsTurn;
  }

  private long between(long least, long most) {
    return least + random.nextInt((int) (most - least + 1));
  }
}
