package io.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.PolicyBook;
import io.sluice.redis.Moment;
import io.sluice.redis.RedisClock;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisScript;
import io.sluice.redis.RedisTime;
import io.sluice.redis.SlotLinks;
import io.sluice.store.Lanes.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Buckets in Redis, shared exactly by any number of gateways, in the bytes of Bucket4j: {@link
 * GroupCommit} explains how they are taken from.
 *
 * <p>It keeps no deadline of its own: callers do. It fails at once while the link is down, and
 * while Redis has not answered for longer than its patience. A take or a settlement whose caller
 * completes the stage's future first is not carried out any more unless it is under way already.
 * Thread-safe.
 */
public final class RedisBucketStore implements BucketStore, LastSeen, Ledger {

  private static final RedisScript PEEK =
      new RedisScript(
          """
          local held = redis.call('MGET', unpack(KEYS))
          for i = 1, #KEYS do held[i] = held[i] and held[i]:sub(1, 4096) end
          return held
          """);

  private final String prefix;
  private final LongSupplier nanoTime;
  private final int mostWaiting;
  private final KnownStates known;
  private final ConfigVersions versions;
  private final Lanes lanes;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger waitingForVersions = new AtomicInteger();

  /**
   * Creates a store on a link, which may be down.
   *
   * @param prefix what all keys begin with
   * @param patience how long Redis may leave a call unanswered before further requests fail at once
   * @param clock Redis' clock, so that all gateways share one
   * @param nanoTime elapsed nanoseconds, the same that the clock was created with
   */
  public RedisBucketStore(
      RedisLink link,
      String prefix,
      StoreSettings settings,
      Duration patience,
      RedisClock clock,
      LongSupplier nanoTime) {
    this(link, prefix, settings, patience, clock, nanoTime, MergeLayout.HOLDS);
  }

  RedisBucketStore(
      RedisLink link,
      String prefix,
      StoreSettings settings,
      Duration patience,
      RedisTime clock,
      LongSupplier nanoTime,
      boolean merging) {
    this.prefix = prefix;
    this.nanoTime = nanoTime;
    this.mostWaiting = settings.queue();
    this.known = new KnownStates(settings.localBuckets());
    this.versions = new ConfigVersions(link, prefix);
    this.lanes = Lanes.one(lane(link, clock, patience, merging));
  }

  /**
   * Creates a store on a cluster. A take or a peek of it names buckets of one slot only; {@link
   * ClusterStore} sees to that.
   *
   * @param slots the ways to the slots, any of which may be down
   * @param prefix what all keys begin with
   * @param patience how long Redis may leave a call unanswered before further requests for its slot
   *     fail at once
   * @param nanoTime elapsed nanoseconds, the same that the clocks were created with
   */
  public RedisBucketStore(
      SlotLinks slots,
      String prefix,
      StoreSettings settings,
      Duration patience,
      LongSupplier nanoTime) {
    this.prefix = prefix;
    this.nanoTime = nanoTime;
    this.mostWaiting = settings.queue();
    this.known = new KnownStates(settings.localBuckets());
    this.versions = new ConfigVersions(slots.all(), prefix, slots::reachable);
    this.lanes =
        Lanes.ofSlots(
            slots, prefix, (link, clock) -> lane(link, clock, patience, MergeLayout.HOLDS));
  }

  private Lane lane(RedisLink link, RedisTime clock, Duration patience, boolean merging) {
    GroupCommit commit =
        new GroupCommit(
            link,
            prefix,
            known,
            waiting,
            mostWaiting,
            patience.toNanos(),
            merging,
            clock,
            nanoTime);
    SingleKeyCommit single = new SingleKeyCommit(link, prefix, known, clock, nanoTime, merging);
    return new Lane(link, clock, commit, new Settlement(single), new Debiting(single, known));
  }

  @Override
  public CompletionStage<List<Verdict>> take(List<Draw> draws) {
    Lane lane = lanes.of(draws.get(0).key());
    if (!lane.link().isUp()) {
      return CompletableFuture.failedFuture(
          new StoreUnavailableException("the link to Redis is down", null));
    }
    Terms[] terms = new Terms[draws.size()];
    boolean all = true;
    for (int i = 0; i < terms.length; i++) {
      Terms ready = versions.ready(draws.get(i).key(), draws.get(i).bandwidth());
      if (ready == null) {
        all = false;
      } else {
        terms[i] = ready;
      }
    }
    return all ? lane.commit().take(draws, terms) : takeWithVersions(lane, draws);
  }

  @Override
  public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
    List<byte[]> keys = new ArrayList<>(draws.size());
    for (Draw draw : draws) {
      keys.add(redisKey(draw.key()));
    }
    CompletableFuture<List<Verdict>> answer = new CompletableFuture<>();
    long asked = nanoTime.getAsLong();
    Lane lane = lanes.of(draws.get(0).key());
    lane.link()
        .run(PEEK, keys, List.of())
        .whenComplete((values, failure) -> {
          if (failure == null && values instanceof List<?> list && list.size() == keys.size()) {
            answer.complete(peek(draws, keys, list, lane.clock().now(), asked));
          } else {
            answer.completeExceptionally(
                Question.isBetweenNodes(failure)
                    ? new BetweenNodesException()
                    : new StoreUnavailableException("Redis did not answer a peek", failure));
          }
        });
    return answer;
  }

  @Override
  public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
    if (tokens == 0) {
      return CompletableFuture.completedFuture(null);
    }
    return Afterwards.ask(
        versions.of(key, bandwidth),
        terms -> lanes.of(key).settlement().settle(key, terms, tokens));
  }

  @Override
  public CompletionStage<Boolean> reset(BucketKey key) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    lanes
        .of(key)
        .link()
        .delete(redisKey(key))
        .whenComplete((deleted, failure) -> {
          if (failure == null) {
            known.learn(key, Known.absent(nanoTime.getAsLong()));
            answer.complete(deleted > 0);
          } else {
            answer.completeExceptionally(
                new StoreUnavailableException("Redis did not answer a reset", failure));
          }
        });
    return answer;
  }

  /**
   * Returns the refusal of a take of one slot, where that is certain without asking Redis; null
   * where it is not.
   */
  @Nullable List<Verdict> certainRefusal(List<Draw> draws) {
    Terms[] terms = new Terms[draws.size()];
    for (int i = 0; i < terms.length; i++) {
      Terms ready = versions.ready(draws.get(i).key(), draws.get(i).bandwidth());
      if (ready == null) {
        return null;
      }
      terms[i] = ready;
    }
    Lane lane = lanes.of(draws.get(0).key());
    return known.refusal(draws, terms, lane.clock().now(), nanoTime.getAsLong());
  }

  @Override
  public void adopt(PolicyBook book) {
    versions.adopt(book);
  }

  @Override
  public @Nullable Tokens lastSeen(BucketKey key, Terms whole, long now) {
    Known last = known.get(key);
    if (last == null || last.state() == null) {
      return null;
    }
    Tokens tokens = last.tokens(whole, lanes.of(key).clock().now());
    tokens.follow(whole);
    return tokens.onClock(whole, now);
  }

  @Override
  public void forget(BucketKey key) {
    known.learn(key, Known.absent(nanoTime.getAsLong()));
  }

  @Override
  public CompletionStage<Debit> debit(BucketKey key, Bandwidth bandwidth, long tokens) {
    Lane lane = lanes.of(key);
    if (!lane.link().isUp()) {
      return CompletableFuture.completedFuture(Debit.NOT_DONE);
    }
    return versions
        .of(key, bandwidth)
        .thenCompose(terms -> lane.debiting().debit(key, terms, tokens))
        .exceptionally(unnumbered -> Debit.notDone(Question.unwrapped(unnumbered)));
  }

  private CompletionStage<List<Verdict>> takeWithVersions(Lane lane, List<Draw> draws) {
    if (waitingForVersions.incrementAndGet() > mostWaiting) {
      waitingForVersions.decrementAndGet();
      return CompletableFuture.failedFuture(
          new StoreOverloadedException("too many requests wait for the versions of their limits"));
    }
    List<CompletableFuture<Terms>> terms = new ArrayList<>(draws.size());
    for (Draw draw : draws) {
      terms.add(versions.of(draw.key(), draw.bandwidth()));
    }
    return Afterwards.ask(
        CompletableFuture.allOf(terms.toArray(CompletableFuture<?>[]::new))
            .whenComplete((done, failure) -> waitingForVersions.decrementAndGet()),
        done ->
            lane.commit()
                .take(draws, terms.stream().map(CompletableFuture::join).toArray(Terms[]::new)));
  }

  private List<Verdict> peek(
      List<Draw> draws, List<byte[]> keys, List<?> values, Moment now, long seenAt) {
    Tokens[] tokens = new Tokens[draws.size()];
    for (int i = 0; i < tokens.length; i++) {
      Draw draw = draws.get(i);
      Terms terms = versions.ready(draw.key(), draw.bandwidth());
      if (terms == null) {
        // Not numbered yet, and a look must not number it: show the book in force.
        terms = new Terms(draw.bandwidth(), Long.MAX_VALUE);
      }
      byte @Nullable [] value = (byte[]) values.get(i);
      Known seen = known.read(keys.get(i), value, seenAt);
      known.learn(draw.key(), seen);
      tokens[i] = seen.tokens(terms, now);
    }
    return KnownStates.asked(draws, tokens);
  }

  private byte[] redisKey(BucketKey key) {
    return key.inRedis(prefix).getBytes(UTF_8);
  }
}
