package io.sluice.store;

import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.policy.Policy.OnOutage;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts what is granted without the shared store, and what is debited afterwards; for a part of a
 * store as well, whose outages are not those of the whole. Thread-safe.
 */
public final class OutageTally {

  private final @Nullable OutageTally whole;
  private final LongAdder counted = new LongAdder();
  private final LongAdder allowed = new LongAdder();
  private final LongAdder debited = new LongAdder();
  private final LongAdder overdrawn = new LongAdder();
  private final LongAdder restored = new LongAdder();
  private final LongAdder doubtful = new LongAdder();
  private final LongAdder unreturned = new LongAdder();
  private volatile OutageTokens before = OutageTokens.NONE;

  /** Creates the tally of a whole store. */
  public OutageTally() {
    this(null);
  }

  private OutageTally(@Nullable OutageTally whole) {
    this.whole = whole;
  }

  /** Returns a tally of a part: what it counts is counted here as well, its outages are its own. */
  OutageTally part() {
    return new OutageTally(this);
  }

  /** An outage begins. */
  void begin() {
    before = total();
  }

  /** A request was decided without the shared store. */
  void decided(List<Draw> draws, List<Verdict> verdicts) {
    for (Verdict verdict : verdicts) {
      if (!verdict.granted()) {
        return;
      }
    }
    for (Draw draw : draws) {
      (draw.onOutage() == OnOutage.ALLOW ? allowed : counted).add(draw.tokens());
    }
    if (whole != null) {
      whole.decided(draws, verdicts);
    }
  }

  /** So many tokens were debited; what was given back is negative and no debit. */
  void debited(long tokens, Debit debit) {
    debited.add(Math.max(0, tokens));
    overdrawn.add(debit.overdrawn());
    restored.add(debit.restored());
    if (whole != null) {
      whole.debited(tokens, debit);
    }
  }

  /** So many tokens were debited by a call without an answer. */
  void doubtful(long tokens) {
    doubtful.add(Math.max(0, tokens));
    if (whole != null) {
      whole.doubtful(tokens);
    }
  }

  /** Returns the counts since the process began. */
  OutageTokens total() {
    return new OutageTokens(
        counted.sum(),
        allowed.sum(),
        debited.sum(),
        overdrawn.sum(),
        restored.sum(),
        doubtful.sum(),
        unreturned.sum());
  }

  /** Returns the counts since the last outage began. */
  OutageTokens last() {
    return total().since(before);
  }

  /** So many tokens of a request that was not granted may stay charged. */
  void unreturned(long tokens) {
    unreturned.add(tokens);
  }
}
