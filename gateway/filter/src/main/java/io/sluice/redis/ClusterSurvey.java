package io.sluice.redis;

import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the nodes of a cluster who serves its slots: one after the other until one tells; at once
 * after a first hint, every 100 to 250 ms while there are more or a slot has no master that works,
 * and every 10 s otherwise. One asking goes on at a time. For one thread, that of the executor;
 * what may be called by any says so.
 */
final class ClusterSurvey {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterLink.class);

  private static final long CALM_MILLIS = 10_000;
  private static final long SHORTEST_MILLIS = 100;
  private static final long JITTER_MILLIS = 150;
  private static final long LONGEST_ANSWER_MILLIS = 1_000;
  private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(30);

  /** Whom to ask, and who takes the answers in. */
  interface Nodes {

    /** Returns whom to ask, in this order. */
    Iterator<ClusterNode> connected();

    /** Takes an answer in; returns whether it is one. */
    boolean take(Object reply, ClusterNode told);

    /** Nobody has told: looks for others. */
    void lookFurther();

    /** Returns why a node cannot be asked; empty where none has failed. */
    Optional<String> firstProblem();

    /** Returns whether all slots have a master that works. */
    boolean isServed();
  }

  private final Nodes nodes;
  private final RedisSettings settings;
  private final ScheduledExecutorService executor;
  private final LongSupplier nanoTime;
  private final Seldom defects = new Seldom();
  private final CountDownLatch firstWord = new CountDownLatch(1);
  private volatile @Nullable String problem;
  private @Nullable ScheduledFuture<?> next;
  private @Nullable Throwable refusal;
  private @Nullable String said;
  private long saidAt;
  private boolean known;
  private boolean asking;
  private boolean answered;
  private boolean wanted;
  private long askedAt;

  ClusterSurvey(
      Nodes nodes,
      RedisSettings settings,
      ScheduledExecutorService executor,
      LongSupplier nanoTime) {
    this.nodes = nodes;
    this.settings = settings;
    this.executor = executor;
    this.nanoTime = nanoTime;
    this.askedAt = nanoTime.getAsLong() - TimeUnit.SECONDS.toNanos(1);
  }

  /** Waits until a node has told, or it is known why none does; for any thread. */
  boolean awaitFirstWord(long nanos) throws InterruptedException {
    return firstWord.await(nanos, TimeUnit.NANOSECONDS);
  }

  /** There is something to be known; for any thread. */
  void firstWord() {
    firstWord.countDown();
  }

  /** Returns why nobody tells who serves the slots; empty while somebody does; for any thread. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Has the nodes asked before long. */
  void want() {
    if (asking) {
      wanted = true;
    } else {
      long spacing = SHORTEST_MILLIS + ThreadLocalRandom.current().nextLong(JITTER_MILLIS);
      long passed = TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - askedAt);
      schedule(Math.max(ThreadLocalRandom.current().nextLong(5), spacing - passed));
    }
  }

  private void schedule(long millis) {
    ScheduledFuture<?> planned = next;
    if (planned != null && planned.getDelay(TimeUnit.MILLISECONDS) <= millis) {
      return;
    }
    if (planned != null) {
      planned.cancel(false);
    }
    try {
      next = executor.schedule(Guarded.step(this::begin), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      next = null; // The link has been closed: nobody wants to know any more.
    }
  }

  private void begin() {
    next = null;
    asking = true;
    wanted = false;
    answered = false;
    refusal = null;
    askedAt = nanoTime.getAsLong();
    guarded(() -> ask(nodes.connected()));
  }

  /** A defect must end one asking only, not the asking for ever. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      tell("asking " + settings + " who serves its slots failed", e);
      asking = false;
      want();
    }
  }

  private void ask(Iterator<ClusterNode> left) {
    if (!left.hasNext()) {
      nobodyTold();
      return;
    }
    ClusterNode node = left.next();
    var unused =
        node.lettuce()
            .clusterSlots()
            .toCompletableFuture()
            .orTimeout(LONGEST_ANSWER_MILLIS, TimeUnit.MILLISECONDS)
            .whenCompleteAsync(
                (reply, failure) ->
                    guarded(() -> {
                      if (failure == null && isTaken(reply, node)) {
                        problem = null;
                        known = true;
                        end(true);
                      } else {
                        answered |= failure == null;
                        refusal = failure == null ? refusal : failure;
                        ask(left);
                      }
                    }),
                executor);
  }

  /** A defect in what is done with the slots that one tells must not keep the others from it. */
  private boolean isTaken(Object reply, ClusterNode node) {
    try {
      return nodes.take(reply, node);
    } catch (RuntimeException e) {
      tell("the slots that " + node + " tells could not be taken", e);
      return false;
    }
  }

  private void tell(String what, RuntimeException defect) {
    if (defects.isDue(nanoTime.getAsLong())) {
      LOG.error("{}; asking on", what, defect);
    }
  }

  private void nobodyTold() {
    Optional<String> why =
        refusal == null ? nodes.firstProblem() : Optional.of(String.valueOf(refusal.getMessage()));
    String text =
        "no node of %s tells who serves its slots: %s"
            .formatted(
                settings,
                why.orElse(
                    answered ? "those that answer know of no slots" : "none is connected yet"));
    problem = text;
    boolean due = said == null || askedAt - saidAt > BETWEEN_LINES;
    if (!known && why.isPresent() && due && !text.equals(said)) {
      said = text;
      saidAt = askedAt;
      LOG.error("{}. Until one does, policies' on-outage decides", text);
    }
    nodes.lookFurther();
    end(false);
  }

  private void end(boolean told) {
    asking = false;
    if (told || refusal != null) {
      firstWord.countDown();
    }
    if (wanted || !told || !nodes.isServed()) {
      want();
    } else {
      schedule(CALM_MILLIS);
    }
  }
}
