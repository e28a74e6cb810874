package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.PolicyBook;
import io.sluice.redis.WatchedLink;
import io.sluice.store.StoreStatus.Mode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The switch between the shared store and this process: asks the shared store while it answers, and
 * goes on by each policy's {@code on-outage} when it does not. Thread-safe.
 *
 * <p>A request waits for the shared store until its deadline, and longer only for delays of our own
 * making ({@link DeadlineQueue}). The first deadline that passes in silence opens the {@link
 * Breaker}; from then on requests pay nothing until a probe has found the store back. An answer
 * that comes after the deadline is ignored: what it charged stays charged in Redis although the
 * request was also counted here, so an outage may cost a caller a token and never gives one away.
 * What was counted here is debited there when it is back: {@link Recovery} has the rule.
 */
public final class OutageStore implements Place, AutoCloseable {

  private static final CompletionStage<Boolean> NOT_THERE =
      CompletableFuture.completedFuture(false);

  private final BucketStore shared;
  private final Function<List<Draw>, CompletionStage<List<Verdict>>> takeShared;
  private final Function<List<Draw>, CompletionStage<List<Verdict>>> peekShared;
  private final BucketStore local;
  private final WatchedLink link;
  private final long deadline;
  private final LongSupplier nanoTime;
  private final Recovery recovery;
  private final Fallback fallback;
  private final Breaker breaker;
  private final Blame blame;
  private final Probing probing;
  private final DeadlineQueue deadlines;
  private final Ticker ticker = new Ticker("sluice-store-deadlines", this::tick);
  private final LongAdder localDecisions = new LongAdder();

  /**
   * Creates a switch that does nothing by itself until {@link #start}.
   *
   * @param shared the store of all gateways, behind the link
   * @param local the store of this process; answers at once
   * @param recovery debits in the shared store what was spent in the local one
   * @param link what is known of the way to the shared store
   * @param probe asks whether the shared store works; answers of success within the deadline close
   *     the breaker
   * @param deadline longest a request waits for the shared store
   * @param nanoTime the clock, the same as the link's; elapsed nanoseconds from any origin
   * @param listener hears of outages
   */
  public OutageStore(
      BucketStore shared,
      BucketStore local,
      Recovery recovery,
      WatchedLink link,
      Supplier<CompletionStage<Object>> probe,
      Duration deadline,
      LongSupplier nanoTime,
      OutageListener listener) {
    this.shared = shared;
    this.takeShared = shared::take;
    this.peekShared = shared::peek;
    this.local = local;
    this.link = link;
    this.deadline = deadline.toNanos();
    this.nanoTime = nanoTime;
    this.recovery = recovery;
    this.fallback = new Fallback(local, recovery.tally());
    long now = nanoTime.getAsLong();
    this.deadlines = new DeadlineQueue(link, this.deadline, now);
    OutageJournal journal =
        new OutageJournal(link.target(), listener, localDecisions::sum, recovery, now);
    this.breaker = new Breaker(now, journal, ticker::wake);
    this.blame = new Blame(breaker, link, this.deadline, nanoTime);
    this.probing = new Probing(link, probe, this.deadline, breaker, nanoTime, ticker::wake);
  }

  /** Returns the longest that a request waits, whatever delays it. */
  public static Duration longestWait(Duration deadline) {
    return deadline.multipliedBy(DeadlineQueue.LONGEST);
  }

  /** Starts the thread that keeps deadlines and probes, and listens to the link. */
  public OutageStore start() {
    watchLink();
    ticker.start();
    return this;
  }

  /**
   * Waits until it is known whether the shared store works; for start-up only.
   *
   * @return whether it does; if not, {@link #status} says why
   */
  public boolean awaitShared(Duration longest) throws InterruptedException {
    return probing.awaitFirstWord(longest) && breaker.isClosed();
  }

  /**
   * Waits until the shared store has been told what was spent without it; for the end of a process.
   *
   * @return whether it has; false at once while it is away
   */
  public boolean awaitSettled(Duration longest) throws InterruptedException {
    return breaker.isClosed() && recovery.awaitSettled(longest);
  }

  /** Returns whether the shared store is asked: the breaker is closed. */
  public boolean asksShared() {
    return breaker.isClosed();
  }

  /** Returns what an operator wants to know. */
  public StoreStatus status() {
    boolean closed = breaker.isClosed();
    Throwable cause = breaker.cause();
    return new StoreStatus(
        closed ? Mode.REDIS : Mode.LOCAL,
        link.target(),
        link.isUp(),
        Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - breaker.since())),
        cause == null ? link.lastProblem().orElse(null) : cause.getMessage(),
        blame.missedDeadlines(),
        localDecisions.sum(),
        recovery.gateways(),
        recovery.tally().total(),
        recovery.tally().last(),
        closed && recovery.isOwing());
  }

  @Override
  public CompletionStage<List<Verdict>> take(List<Draw> draws) {
    return ask(() -> inTurn(draws, takeShared), () -> decideAlone(draws));
  }

  @Override
  public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
    return ask(() -> inTurn(draws, peekShared), () -> fallback.peek(draws));
  }

  /** Settles where the charge is thought to be; during an outage that is this process. */
  @Override
  public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
    return ask(
        () -> shared.settle(key, bandwidth, tokens),
        () -> spent(local.settle(key, bandwidth, tokens)));
  }

  @Override
  public CompletionStage<Void> giveBackShared(BucketKey key, Bandwidth bandwidth, long tokens) {
    return ask(
        () -> shared.settle(key, bandwidth, -tokens),
        () ->
            CompletableFuture.failedFuture(
                new StoreUnavailableException("Redis is not known to have taken it back", null)));
  }

  /** Has debited what was spent here from buckets that this switch has just begun to guard. */
  void takeOver() {
    if (breaker.isClosed()) {
      recovery.begin();
      ticker.wake();
    }
  }

  /**
   * Resets the bucket here too, so that the next outage does not bring an old one back. During an
   * outage here is all there is; a shared store that is asked and does not do it is a failure.
   */
  @Override
  public CompletionStage<Boolean> reset(BucketKey key) {
    CompletionStage<Boolean> here = local.reset(key);
    boolean away = !breaker.isClosed();
    return here.thenCombine(
        ask(() -> shared.reset(key), () -> away ? NOT_THERE : failedReset()),
        (local, shared) -> local || shared);
  }

  private CompletionStage<Boolean> failedReset() {
    Throwable cause = breaker.cause();
    return CompletableFuture.failedFuture(
        new StoreUnavailableException(
            "the bucket may not be reset in Redis%s"
                .formatted(cause == null ? "" : ": " + cause.getMessage()),
            cause));
  }

  @Override
  public void adopt(PolicyBook book) {
    local.adopt(book);
    shared.adopt(book);
  }

  /** Ends the thread; the stores and the link stay as they are. */
  @Override
  public void close() {
    ticker.close();
  }

  /** Does what is due now; returns the nanoseconds until something will be. */
  long tick() {
    long now = nanoTime.getAsLong();
    long untilDeadline = deadlines.expire(now, ticker::wake);
    if (!link.isUp()) {
      return untilDeadline;
    }
    long untilNext = Math.min(untilDeadline, probing.goOn(now));
    return breaker.isClosed() ? Math.min(untilNext, recovery.goOn(now, ticker::wake)) : untilNext;
  }

  private <T> CompletionStage<T> ask(
      Supplier<CompletionStage<T>> question, Supplier<CompletionStage<T>> instead) {
    if (!breaker.isClosed()) {
      return instead.get();
    }
    long now = nanoTime.getAsLong();
    CompletableFuture<T> asked = asked(question).toCompletableFuture();
    if (asked.isDone() && !asked.isCompletedExceptionally()) {
      return asked;
    }
    Question<T> waiting = new Question<>(asked, now, now + deadline, instead, blame);
    var unused = asked.whenComplete(waiting::answered);
    if (!waiting.isDone()) {
      deadlines.add(waiting);
      ticker.added();
    }
    return waiting.answer();
  }

  /** Asks the shared store when it has been told what was spent without it. */
  private CompletionStage<List<Verdict>> inTurn(
      List<Draw> draws, Function<List<Draw>, CompletionStage<List<Verdict>>> question) {
    CompletionStage<Void> debits = recovery.before(draws);
    return debits == null
        ? question.apply(draws)
        : Afterwards.ask(debits, done -> question.apply(draws));
  }

  private CompletionStage<List<Verdict>> decideAlone(List<Draw> draws) {
    localDecisions.increment();
    return spent(fallback.take(draws));
  }

  /** Has it debited, unless that begins when the outage ends. */
  private <T> CompletionStage<T> spent(CompletionStage<T> here) {
    if (breaker.isClosed()) {
      recovery.begin();
      ticker.wake();
    }
    return here;
  }

  private static <T> CompletionStage<T> asked(Supplier<CompletionStage<T>> question) {
    try {
      return question.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Listens to the link, without a thread; what {@link #start} does first. */
  void watchLink() {
    link.watch(probing);
  }
}
