package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.redis.Moment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Takes that are decided together and committed by one call, in the order they came. {@link
 * GroupCommit} explains the rules. Not thread-safe.
 */
final class Batch {

  /** Most keys of one call. */
  static final int MOST_KEYS = 256;

  private static final int MOST_TAKES = 128;

  private final KnownStates known;
  private final Map<BucketKey, Known> returned;
  private final boolean merging;
  private final Moment now;
  private final long nanoTime;
  private final Map<BucketKey, Slot> slots = new HashMap<>();
  private final List<Slot> order = new ArrayList<>();
  private final List<Take> takes = new ArrayList<>();
  private int mostKeys = MOST_KEYS;

  /**
   * Creates an empty batch.
   *
   * @param returned states that the last batch came back with; they beat what is known
   * @param merging whether Redis may merge charges into values it was not told
   * @param now the moment at which everything is decided, on Redis' clock
   * @param nanoTime the same moment in the process' elapsed time
   */
  Batch(
      KnownStates known,
      Map<BucketKey, Known> returned,
      boolean merging,
      Moment now,
      long nanoTime) {
    this.known = known;
    this.returned = returned;
    this.merging = merging;
    this.now = now;
    this.nanoTime = nanoTime;
  }

  /** Bounds the keys; with a single one, all takes have to name the same. */
  void limitTo(int keys) {
    mostKeys = keys;
  }

  boolean isEmpty() {
    return takes.isEmpty();
  }

  List<Take> takes() {
    return takes;
  }

  /** Returns whether the take may join; an empty batch has room for any. */
  boolean hasRoomFor(Take take) {
    return takes.isEmpty()
        || (takes.size() < MOST_TAKES && order.size() + take.draws().size() <= mostKeys)
        || (mostKeys == 1 && takes.size() < MOST_TAKES && namesOnlyKnown(take));
  }

  private boolean namesOnlyKnown(Take take) {
    return take.draws().stream().allMatch(draw -> slots.containsKey(draw.key()));
  }

  /**
   * Decides a take on what is known, and adds it to the batch unless the decision needs no word
   * from Redis.
   *
   * @return whether it is decided for good: refused by buckets freshly known
   */
  boolean decide(Take take) {
    List<Draw> draws = take.draws();
    Slot[] named = take.slots();
    boolean all = true;
    boolean certain = true;
    for (int i = 0; i < named.length; i++) {
      named[i] = slot(draws.get(i).key(), take.terms(i));
      boolean enough = named[i].tokens().available() >= draws.get(i).tokens();
      all &= enough;
      certain &= named[i].fresh() && (enough || !named[i].charged());
    }
    if (all) {
      for (int i = 0; i < named.length; i++) {
        named[i].charge(draws.get(i).tokens());
      }
    } else if (certain) {
      take.decide(refusal(take, Slot::tokens));
      return true;
    }
    for (Slot slot : named) {
      if (slots.putIfAbsent(slot.key(), slot) == null) {
        order.add(slot);
        slot.number(order.size());
      }
    }
    take.charged(all);
    takes.add(take);
    return false;
  }

  /** Returns the call that commits the batch. */
  CommitScript call(String prefix) {
    CommitScript call = new CommitScript(now.epochNanos());
    if (merging) {
      nameTakes(call);
    }
    for (Slot slot : order) {
      slot.write(call, prefix, merging);
    }
    return call;
  }

  /**
   * Takes in the reply and decides every take that it allows to decide.
   *
   * @param again gets those that have to be decided anew, in the order they came
   */
  void commit(Object reply, Consumer<Take> again) {
    CommitScript.read(
        reply,
        (number, taken, value) -> {
          Slot slot = order.get(number - 1);
          slot.report(taken, known.read(slot.redisKey(), value, nanoTime));
        });
    boolean nothing = !merging && order.stream().anyMatch(Slot::exhausted);
    for (Take take : takes) {
      if (take.charged()) {
        take.charged(!nothing && taken(take));
        if (take.charged()) {
          for (int i = 0; i < take.slots().length; i++) {
            take.slots()[i].commit(take.draws().get(i).tokens());
          }
        }
      }
    }
    for (Slot slot : order) {
      known.learn(slot.key(), slot.seen(nanoTime));
    }
    for (Take take : takes) {
      if (take.charged()) {
        take.decide(grant(take));
      } else if (isShort(take) && !isOutdated(take)) {
        take.decide(refusal(take, Slot::after));
      } else {
        again.accept(take);
      }
    }
  }

  /** Puts the states of a take's buckets where the next batch finds them for certain. */
  void handOver(Take take, Map<BucketKey, Known> next) {
    for (Slot slot : take.slots()) {
      next.put(slot.key(), slot.seen(nanoTime));
    }
  }

  private Slot slot(BucketKey key, Terms terms) {
    Slot slot = slots.get(key);
    if (slot != null) {
      return slot;
    }
    Known seen = returned.get(key);
    if (seen == null) {
      seen = known.get(key);
    }
    boolean fresh = KnownStates.isFresh(seen, nanoTime);
    return new Slot(key, seen, fresh, terms, now, nanoTime);
  }

  private void nameTakes(CommitScript call) {
    for (Take take : takes) {
      if (take.charged()) {
        for (int i = 0; i < take.slots().length; i++) {
          call.takes(take.slots()[i].number(), take.draws().get(i).tokens());
        }
        call.endTake();
      }
    }
  }

  private static boolean taken(Take take) {
    for (Slot slot : take.slots()) {
      if (slot.exhausted()) {
        return false;
      }
    }
    return true;
  }

  private static boolean isShort(Take take) {
    for (int i = 0; i < take.slots().length; i++) {
      if (take.slots()[i].after().available() < take.draws().get(i).tokens()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOutdated(Take take) {
    for (Slot slot : take.slots()) {
      if (slot.isOutdated()) {
        return true;
      }
    }
    return false;
  }

  private static List<Verdict> grant(Take take) {
    Verdict[] verdicts = new Verdict[take.slots().length];
    for (int i = 0; i < verdicts.length; i++) {
      verdicts[i] = take.slots()[i].granted(take.draws().get(i).tokens());
    }
    return List.of(verdicts);
  }

  private static List<Verdict> refusal(Take take, Function<Slot, Tokens> tokens) {
    Tokens[] all = new Tokens[take.slots().length];
    for (int i = 0; i < all.length; i++) {
      all[i] = tokens.apply(take.slots()[i]);
    }
    return KnownStates.asked(take.draws(), all);
  }
}
