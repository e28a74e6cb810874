package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.limit.Verdict;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes tokens from buckets in Redis, for many requests with one round trip: exact over any number
 * of buckets and gateways. Thread-safe; never blocks.
 *
 * <h2>The protocol</h2>
 *
 * <ol>
 *   <li>While a call is under way requests queue up. When it returns, those that wait are decided
 *       <b>in order, here, with Bucket4j's own arithmetic</b>, on the last known states of their
 *       buckets; what is not known is taken for absent, and an absent bucket is full. A request
 *       takes from all of its buckets or from none.
 *   <li><b>One script call</b> carries all changed buckets of the batch: for each the value it was
 *       computed from, the new value, the charge and the time to live; and who charges what. What
 *       refuses without having been seen within the last second is sent along to be looked at.
 *   <li>Where Redis still holds the value computed from, it stores the new one. Where another
 *       gateway has written since, it <b>merges</b>: it subtracts the charge from the bytes it
 *       finds, or from a full bucket where it finds none.
 *   <li>Requests that name a bucket which cannot take its charge are <b>left out</b> with all their
 *       charges; the rest commits. They are decided again on the states that came back: refused
 *       where one of them is short, else in the next batch, before all others.
 *   <li>A refusal writes nothing. One that follows from a state seen within the last second is
 *       answered at once (see {@link KnownStates}). One that rests on charges of its own batch
 *       waits until they are committed, for they may yet be left out.
 * </ol>
 *
 * <h2>Why it is exact</h2>
 *
 * The script runs alone in Redis, so its run is the point at which a batch happens: its charged
 * requests in their order, then its refused ones, which are judged by the states that the run left
 * behind. A value that is equal to the expected one is the state that was decided on. Subtracting
 * from another value is right because the refill it is owed is credited by the next writer, from
 * the last refill that stands in it: minus a charge, plus a refill is plus the refill, minus the
 * charge, <i>unless the refill is cut off at the capacity in between</i>. A bucket that is full by
 * now must therefore not be charged in its old bytes, or the charge would vanish in a refill that
 * had nowhere to go; the script stores a full one of this moment, less the charge. A bucket of
 * another configuration, with fewer tokens in its bytes than the charge, or with counts beyond 2^53
 * is not merged but decided again.
 *
 * <p><b>Error bound.</b> In all, no bucket grants more than its capacity plus its refill, by the
 * clock that is handed in. The question whether a stored bucket is full is answered in floating
 * point: it can add 2^-50 of the capacity for each merge, so a bucket of a thousand would have to
 * be merged a million million times to grant one token more. Gateways whose clocks differ by d
 * credit what is refilled within d too early, once; d stays below half a second, and {@link Known}
 * says what holds when Redis' clock jumps. A bucket that Redis loses is full. A batch that is not
 * answered may have been charged, if it reached Redis within half a second, and is reported as
 * failed: it errs against the callers, by one batch, and nothing is ever sent twice, for a merge is
 * not idempotent.
 *
 * <p>Where Bucket4j's layout is not the expected one ({@link MergeLayout#HOLDS}) the script merges
 * nothing and the batch commits as a whole or not at all: as exact, but gateways on one hot bucket
 * then get in each other's way.
 *
 * <h2>Slots that are being moved</h2>
 *
 * While a Redis Cluster moves the keys of a slot, those that are at the old node and those that are
 * at the new one cannot be named in one call. For a moment batches then hold one key, and takes of
 * several are left to {@link ClusterStore}.
 *
 * <h2>Turns</h2>
 *
 * Whoever has the {@link #turn} may decide; it is taken by the first request that finds it free,
 * travels with the call, and is carried on by the thread that brings the reply. A request is put in
 * the queue before it looks at the turn, and the turn is laid down before the queue is looked at
 * again, so none is left behind. Whoever waits is told after the next call has been sent.
 */
final class GroupCommit {

  private static final int MOST_ATTEMPTS = 16;

  /** How long buckets are taken from one by one after they could not be together. */
  private static final long APART_NANOS = 250_000_000L;

  private final RedisLink link;
  private final String prefix;
  private final KnownStates known;
  private final AtomicInteger waiting;
  private final int mostWaiting;
  private final long patienceNanos;
  private final boolean merging;
  private final RedisTime clock;
  private final LongSupplier nanoTime;

  private final Queue<Take> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean turn = new AtomicBoolean();
  private volatile long sentAt;
  private volatile boolean unanswered;

  // Touched by whoever has the turn.
  private final ArrayDeque<Take> again = new ArrayDeque<>();
  private final Map<BucketKey, Known> returned = new HashMap<>();
  private boolean apart;
  private long apartSince;

  /**
   * Creates one.
   *
   * @param waiting counts the requests waiting for Redis, here and wherever else it is handed to
   * @param mostWaiting most requests waiting for Redis
   * @param patienceNanos how long a call may be unanswered, and a request may wait for its turn,
   *     before requests are told that Redis is unavailable
   * @param merging false to compare and swap only
   */
  GroupCommit(
      RedisLink link,
      String prefix,
      KnownStates known,
      AtomicInteger waiting,
      int mostWaiting,
      long patienceNanos,
      boolean merging,
      RedisTime clock,
      LongSupplier nanoTime) {
    this.link = link;
    this.prefix = prefix;
    this.known = known;
    this.waiting = waiting;
    this.mostWaiting = mostWaiting;
    this.patienceNanos = patienceNanos;
    this.merging = merging;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** Takes from all buckets or from none. */
  CompletionStage<List<Verdict>> take(List<Draw> draws, Terms[] terms) {
    long nanos = nanoTime.getAsLong();
    List<Verdict> refusal = known.refusal(draws, terms, clock.now(), nanos);
    if (refusal != null) {
      return CompletableFuture.completedFuture(refusal);
    }
    if (unanswered && nanos - sentAt > patienceNanos) {
      return CompletableFuture.failedFuture(
          new StoreUnavailableException("Redis has not answered yet", null));
    }
    if (waiting.incrementAndGet() > mostWaiting) {
      waiting.decrementAndGet();
      return CompletableFuture.failedFuture(
          new StoreOverloadedException(mostWaiting + " requests wait for Redis already"));
    }
    Take take = new Take(draws, terms, nanos);
    queue.add(take);
    if (!turn.get() && turn.compareAndSet(false, true)) {
      carryOn(new ArrayList<>());
    }
    return take.answer();
  }

  /** Decides what waits and sends it; the turn is held. Then tells those who are decided. */
  private void carryOn(List<Take> decided) {
    do {
      Batch batch = fill(decided);
      if (!batch.isEmpty()) {
        send(batch); // The turn goes with it.
        break;
      }
      turn.set(false);
    } while (!queue.isEmpty() && turn.compareAndSet(false, true));
    for (Take take : decided) {
      waiting.decrementAndGet();
      take.finish();
    }
  }

  private Batch fill(List<Take> decided) {
    long nanos = nanoTime.getAsLong();
    Batch batch = new Batch(known, returned, merging, clock.now(), nanos);
    boolean up = link.isUp();
    apart &= nanos - apartSince < APART_NANOS;
    batch.limitTo(apart ? 1 : Batch.MOST_KEYS);
    for (Take take = next(); take != null && batch.hasRoomFor(take); take = next()) {
      remove(take);
      if (take.answer().isDone()) {
        decided.add(take); // Its caller has given up: charge nothing.
      } else if (!up || nanos - take.since() > patienceNanos) {
        take.fail(
            new StoreUnavailableException(
                up ? "waited too long for Redis" : "Redis is away", null));
        decided.add(take);
      } else if (apart && take.draws().size() > 1) {
        take.fail(new BetweenNodesException());
        decided.add(take);
      } else if (decide(batch, take)) {
        decided.add(take);
      }
    }
    returned.clear();
    return batch;
  }

  private static boolean decide(Batch batch, Take take) {
    try {
      return batch.decide(take);
    } catch (RuntimeException e) {
      take.fail(e); // A fault of this one request, for which Redis is not to blame.
      return true;
    }
  }

  private @Nullable Take next() {
    Take first = again.peekFirst();
    return first != null ? first : queue.peek();
  }

  private void remove(Take take) {
    if (again.peekFirst() == take) {
      again.removeFirst();
    } else {
      queue.remove();
    }
  }

  private void send(Batch batch) {
    sentAt = nanoTime.getAsLong();
    unanswered = true;
    CompletionStage<Object> reply;
    try {
      reply = batch.call(prefix).run(link);
    } catch (RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    reply.whenComplete((value, failure) -> answered(batch, value, failure));
  }

  private void answered(Batch batch, @Nullable Object reply, @Nullable Throwable failure) {
    unanswered = false;
    List<Take> decided = new ArrayList<>(batch.takes().size());
    OptionalLong told = CommitScript.redisTime(reply);
    if (told.isPresent()) {
      clock.told(told.getAsLong(), sentAt);
      batch.takes().forEach(this::anew);
    } else if (Question.isBetweenNodes(failure)) {
      apart = true;
      apartSince = nanoTime.getAsLong();
      batch.takes().forEach(this::anew);
    } else if (failure != null || reply == null) {
      fail(batch, new StoreUnavailableException("Redis did not answer", failure));
    } else {
      try {
        batch.commit(
            reply,
            take -> {
              batch.handOver(take, returned);
              anew(take);
            });
      } catch (RuntimeException e) {
        again.removeAll(batch.takes()); // Those of other batches go on.
        returned.clear();
        link.distrust();
        fail(batch, new StoreUnavailableException("Redis answered something else: " + e, e));
      }
    }
    for (Take take : batch.takes()) {
      if (take.isDecided()) {
        decided.add(take);
      }
    }
    carryOn(decided);
  }

  private void anew(Take take) {
    if (take.again() < MOST_ATTEMPTS) {
      again.addLast(take);
    } else {
      take.fail(
          new StoreOverloadedException(
              "other gateways changed these buckets " + MOST_ATTEMPTS + " times in a row"));
    }
  }

  /** Known states stay: whether or not the batch was carried out, Redis is compared with them. */
  private static void fail(Batch batch, Throwable failure) {
    for (Take take : batch.takes()) {
      take.fail(failure);
    }
  }
}
