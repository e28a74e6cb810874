package io.sluice.store;

import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.policy.Policy.OnOutage;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Counts what is granted without the shared store, and what is debited afterwards. Thread-safe. */
public final class OutageTally {

  private final LongAdder counted = new LongAdder();
  private final LongAdder allowed = new LongAdder();
  private final LongAdder debited = new LongAdder();
  private final LongAdder overdrawn = new LongAdder();
  private final LongAdder restored = new LongAdder();
  private final LongAdder doubtful = new LongAdder();
  private volatile OutageTokens before = OutageTokens.NONE;

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
  }

  /** So many tokens were debited; what was given back is negative and no debit. */
  void debited(long tokens, Debit debit) {
    debited.add(Math.max(0, tokens));
    overdrawn.add(debit.overdrawn());
    restored.add(debit.restored());
  }

  /** So many tokens were debited by a call without an answer. */
  void doubtful(long tokens) {
    doubtful.add(Math.max(0, tokens));
  }

  /** Returns the counts since the process began. */
  OutageTokens total() {
    return new OutageTokens(
        counted.sum(),
        allowed.sum(),
        debited.sum(),
        overdrawn.sum(),
        restored.sum(),
        doubtful.sum());
  }

  /** Returns the counts since the last outage began. */
  OutageTokens last() {
    return total().since(before);
  }
}
