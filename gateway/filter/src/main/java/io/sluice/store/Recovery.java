package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.store.Debts.Debt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Debits in the shared store what was spent without it, once it is back, so that an outage does not
 * double anybody's limit. Thread-safe; never blocks.
 *
 * <h2>The rule</h2>
 *
 * <p>A bucket used here while the shared store is away is a {@link Share} of the one there: with n
 * gateways it has a part in n of its capacity and refill, and begins as full as the other was last
 * seen. It knows two levels: its own, and that at which it would be by now had nothing been taken
 * from it here. <b>Their difference is what it owes</b>; what has flowed back meanwhile is no part
 * of it. With one gateway the shared bucket then holds what it would hold had there been no outage;
 * with several, each debits its own difference and they add up. At most one capacity is debited,
 * below zero where it must be. A bucket that owes nothing leaves unseen.
 *
 * <p><b>Where the shared store has lost a bucket</b> (a restart without persistence) that was not
 * full when last seen, nor would be by now, it is put back as last seen, refilled since, before
 * anything is debited. Only buckets used here during the outage are looked at; of several gateways
 * the first puts it back.
 *
 * <p><b>Requests do not overtake debits.</b> While anything is owed a request to one of its buckets
 * waits for the debit, one round trip, and is decided after it, or here where it could not be made;
 * all others are debited in the background, few at a time. While no bucket here owes anything, that
 * costs a request one look at whether there are any. They are the buckets of this process, whoever
 * has decided on them: so it holds while a slot of a cluster goes from one master to another, too.
 *
 * <h2>Error bound</h2>
 *
 * <ul>
 *   <li>Debits are whole tokens: a caller may lose the fraction of one that was under way. A bucket
 *       first used in the outage begins its interval with the debit, so it may end later by the
 *       length of the outage.
 *   <li>Spending by others after this gateway last saw a bucket is unknown to the bucket here: for
 *       the length of the outage it may be too full by a part in n of it, and a lost bucket is put
 *       back without it.
 *   <li>A debit whose call goes unanswered is not repeated, for it may have been carried out: that
 *       errs for the caller and by that debit at most, and is counted as doubtful. The bucket here
 *       remembers it, should the outage go on. What is known not to have been carried out stays
 *       owed, for the next attempt or the next recovery.
 *   <li>Buckets dropped because more than {@link StoreSettings#localBuckets} are used lose what
 *       they owe; so does a gateway that ends while Redis is away, or killed before it has debited
 *       all. One that is stopped waits for its debits, two seconds at most.
 *   <li>Another gateway decides without our debit until it has arrived; so does a request here
 *       while 2,048 debits are under way.
 *   <li>A bucket reset by another gateway between the return of the shared store and our debit
 *       looks like one that was lost.
 *   <li>Where the number of gateways changes between two outages so close together that a debit is
 *       still owed, its bucket goes on with what it has spent, on the new share.
 * </ul>
 *
 * <p>Several of these may share one local store, each with the keys that are its own; they need not
 * be the same ones at the end of an outage as at its beginning.
 */
public final class Recovery {

  private static final Logger LOG = LoggerFactory.getLogger(OutageStore.class);

  /** Debits sent in the background at once. */
  private static final int MOST_IN_BACKGROUND = 32;

  /** Debits under way beyond which requests do not add theirs, but go on without waiting. */
  private static final int MOST_UNDER_WAY = 2_048;

  /** Buckets looked at in one go. */
  private static final int MOST_LOOKS = 1_000;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final MemoryBucketStore local;
  private final Debts debts;
  private final Ledger shared;
  private final Predicate<BucketKey> mine;
  private final OutageTally tally;
  private final AtomicInteger number = new AtomicInteger();

  /** Whether the background has anything to look for; requests look for themselves. */
  private volatile boolean owing;

  private volatile boolean failing;

  /** Whether anything was debited that the log does not tell yet. */
  private volatile boolean untold;

  /** What the background was last told to be woken by; debits of requests hold it up, too. */
  private volatile Runnable wake = () -> {};

  private volatile CountDownLatch settled = new CountDownLatch(0);

  // Touched by whoever goes on: one thread.
  private @Nullable Iterator<BucketKey> walk;
  private boolean found;
  private long pausedUntil;
  private boolean pausing;

  /**
   * Creates one.
   *
   * @param local the buckets of this process
   * @param shared where to debit
   * @param mine whether a bucket is to be debited there, now
   */
  public Recovery(
      MemoryBucketStore local, Ledger shared, Predicate<BucketKey> mine, OutageTally tally) {
    this.local = local;
    this.debts = local.debts();
    this.shared = shared;
    this.mine = mine;
    this.tally = tally;
  }

  /** Has the background look for what is owed. */
  void begin() {
    owing = true;
  }

  OutageTally tally() {
    return tally;
  }

  /** Returns among how many gateways limits are divided. */
  int gateways() {
    return local.gateways();
  }

  /** Returns whether something may be owed here that is still to be debited. */
  boolean isOwing() {
    return owing;
  }

  /**
   * Returns what a request has to wait for before the shared store decides it, or null where that
   * is nothing. Fails with {@link StillOwedException} where a debit could not be made: the shared
   * store would decide without it.
   */
  @Nullable CompletionStage<Void> before(List<Draw> draws) {
    if (debts.isEmpty() || number.get() >= MOST_UNDER_WAY) {
      return null;
    }
    List<CompletableFuture<Void>> debits = new ArrayList<>(draws.size());
    for (Draw draw : draws) {
      if (debts.mayOwe(draw.key())) {
        debits.add(debit(draw.key()));
      }
    }
    return debits.isEmpty()
        ? null
        : CompletableFuture.allOf(debits.toArray(CompletableFuture<?>[]::new));
  }

  /**
   * Goes on in the background; for one thread, while the shared store is there.
   *
   * @param wake runs, on any thread, when this should be called again earlier than it said
   * @return nanoseconds until it should be called again; {@link Long#MAX_VALUE} when nothing is
   *     owed, or answers are waited for
   */
  long goOn(long now, Runnable wake) {
    if (!owing) {
      return Long.MAX_VALUE;
    }
    this.wake = wake;
    if (failing) {
      failing = false;
      pausing = true;
      pausedUntil = now + PAUSE_NANOS;
    }
    if (pausing && pausedUntil - now > 0) {
      return pausedUntil - now;
    }
    pausing = false;
    for (int looks = 0; looks < MOST_LOOKS; looks++) {
      if (number.get() >= MOST_IN_BACKGROUND) {
        return Long.MAX_VALUE;
      }
      if (walk == null) {
        walk = debts.keys();
        found = false;
      }
      if (walk.hasNext()) {
        BucketKey key = walk.next();
        if (mine.test(key)) {
          found = true;
          var unused = debit(key);
        }
      } else {
        walk = null;
        if (!found && number.get() == 0) {
          return ended();
        }
        return number.get() > 0 ? Long.MAX_VALUE : SOON_NANOS;
      }
    }
    return SOON_NANOS;
  }

  /**
   * Waits until the background has nothing to look for any more; for one thread.
   *
   * @return whether that is so
   */
  boolean awaitSettled(Duration longest) throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    settled = end;
    return !owing || end.await(longest.toNanos(), TimeUnit.NANOSECONDS);
  }

  private long ended() {
    owing = false;
    if (anyOfMine()) {
      owing = true; // It came between the last look and the flag.
      return SOON_NANOS;
    }
    settled.countDown();
    if (untold) {
      untold = false;
      tell(tally.last());
    }
    return Long.MAX_VALUE;
  }

  private static void tell(OutageTokens tokens) {
    LOG.info(
        "what was spent without Redis is settled: {} tokens debited, {} of them above the"
            + " limits{}{}",
        tokens.debited(),
        tokens.overdrawn(),
        tokens.restored() == 0
            ? ""
            : "; %d put back that Redis had lost".formatted(tokens.restored()),
        tokens.doubtful() == 0
            ? ""
            : "; %d in doubt, because Redis did not answer".formatted(tokens.doubtful()));
  }

  private boolean anyOfMine() {
    Iterator<BucketKey> keys = debts.keys();
    while (keys.hasNext()) {
      if (mine.test(keys.next())) {
        return true;
      }
    }
    return false;
  }

  private CompletableFuture<Void> debit(BucketKey key) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    CompletableFuture<Void> other = debts.begin(key, done);
    if (other != null) {
      return other;
    }
    number.incrementAndGet();
    Debt debt = debts.handOver(key);
    if (debt == null) {
      end(key, done);
    } else {
      shared
          .debit(key, debt.bandwidth(), debt.tokens())
          .whenComplete((debit, failure) -> {
            account(debt, failure == null ? debit : Debit.UNKNOWN);
            if (debit != null && debit.outcome() == Debit.Outcome.NOT_DONE) {
              done.completeExceptionally(new StillOwedException(debit.why()));
            }
            end(key, done);
          });
    }
    return done;
  }

  private void account(Debt debt, Debit debit) {
    switch (debit.outcome()) {
      case DONE -> {
        tally.debited(debt.tokens(), debit);
        if (debt.tokens() > 0 || debit.restored() > 0) {
          untold = true;
        }
        debts.paid(debt);
      }
      case NOT_DONE -> {
        debts.unpaid(debt);
        failing = true;
      }
      case UNKNOWN -> {
        tally.doubtful(debt.tokens());
        untold = true;
        failing = true;
      }
    }
  }

  private void end(BucketKey key, CompletableFuture<Void> done) {
    debts.end(key);
    number.decrementAndGet();
    done.complete(null);
    if (owing) {
      wake.run();
    }
  }
}
