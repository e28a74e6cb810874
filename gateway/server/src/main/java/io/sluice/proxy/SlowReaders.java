package io.sluice.proxy;

import io.sluice.upstream.Budget;
import io.sluice.upstream.Pace;
import io.sluice.upstream.Upstream;
import io.sluice.upstream.Watch;
import java.time.Duration;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The answers whose clients do not take them. One that stays below the pace is cut; and where
 * requests wait for a connection that such an answer holds, the one that has stood still for
 * longest gives way first. Thread-safe.
 */
final class SlowReaders implements Watch.Watched {

  /** An answer is taken note of piece by piece; the largest is what is received at once. */
  private static final int LARGEST_PIECE = 16 * 1024;

  /**
   * Who stands still for less does not give way. It bounds how many slow clients a second the pool
   * bears: its size divided by this and the time of one look.
   */
  private static final long SHORTEST_STALL = Duration.ofMillis(500).toNanos();

  private final Pace pace;
  private final int most;
  private final Budget budget;
  private final Set<Stall> stalls = ConcurrentHashMap.newKeySet();
  private final LongAdder ever = new LongAdder();

  /**
   * Creates a set of none.
   *
   * @param most octets of a small answer that may be taken off the upstream meanwhile
   */
  SlowReaders(Pace pace, int most, Budget budget) {
    this.pace = withRoomForAPiece(pace);
    this.most = most;
    this.budget = budget;
  }

  /** Returns how an answer is borne whose client takes nothing for the first time. */
  Stall stalled(Stall.Owner owner) {
    Stall stall = new Stall(owner, this, pace, new Backlog(budget, most));
    stalls.add(stall);
    ever.increment();
    return stall;
  }

  boolean remove(Stall stall) {
    return stalls.remove(stall);
  }

  long ever() {
    return ever.sum();
  }

  int size() {
    return stalls.size();
  }

  @Override
  public void look(long now) {
    if (stalls.isEmpty()) {
      return;
    }
    for (Stall stall : stalls) {
      if (stall.isTooSlow(now)) {
        stall.cut(ClientCut.SLOW_ANSWER);
      }
    }
    relieve(now);
  }

  /** Makes as many give way as requests wait. */
  private void relieve(long now) {
    List<Stall> longestFirst =
        stalls.stream()
            .filter(stall -> stall.owner().holdsUpstream() && stall.nanos(now) > SHORTEST_STALL)
            .sorted(Comparator.comparingLong((Stall stall) -> stall.nanos(now)).reversed())
            .toList();
    IdentityHashMap<Upstream, Integer> waiting = new IdentityHashMap<>();
    for (Stall stall : longestFirst) {
      Upstream upstream = stall.owner().upstream();
      int left = waiting.computeIfAbsent(upstream, Upstream::waiting);
      if (left > 0) {
        waiting.put(upstream, left - 1);
        stall.cut(ClientCut.PRESSURE);
      }
    }
  }

  private static Pace withRoomForAPiece(Pace pace) {
    if (pace.rate() == 0) {
      return pace;
    }
    Duration onePiece = Duration.ofMillis(LARGEST_PIECE * 1000L / pace.rate());
    return pace.window().compareTo(onePiece) < 0 ? new Pace(pace.rate(), onePiece) : pace;
  }
}
