package io.sluice.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.sluice.redis.WatchedLink.Watcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows who serves which slot of a Redis Cluster, and holds a link to each master. {@link
 * ClusterSurvey} says when it asks for them; nodes that are suspected are asked last, for they may
 * be cut off from the others. When nobody tells, the nodes of the settings and the last known
 * replicas are dialled too. Nodes that serve nothing are closed after 15 s. Thread-safe.
 */
final class ClusterTopology implements ClusterSurvey.Nodes {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterLink.class);

  private static final long LONGEST_DIALLING = TimeUnit.SECONDS.toNanos(1);
  private static final long LINGER = TimeUnit.SECONDS.toNanos(15);

  private final RedisSettings settings;
  private final List<RedisAddress> seeds;
  private final Function<RedisAddress, ClusterNode> dial;
  private final ScheduledExecutorService executor;
  private final LongSupplier nanoTime;
  private final ClusterSurvey survey;
  private final Map<RedisAddress, ClusterNode> nodes = new ConcurrentHashMap<>();
  private final SlotTable table = new SlotTable();
  private final Set<RedisAddress> failed = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  // Touched by the one thread of the executor.
  private final List<ClusterWatcher> watchers = new ArrayList<>();
  private final Set<RedisAddress> replicas = new HashSet<>();
  private final Seldom warning = new Seldom();
  private int turn;

  /**
   * Creates a topology that knows nothing until {@link #start}.
   *
   * @param dial begins to connect to a node
   * @param threads where to wait
   */
  ClusterTopology(
      RedisSettings settings,
      List<RedisAddress> seeds,
      Function<RedisAddress, ClusterNode> dial,
      LettuceThreads threads,
      LongSupplier nanoTime) {
    this.settings = settings;
    this.seeds = seeds;
    this.dial = dial;
    this.executor = threads.executors().next();
    this.nanoTime = nanoTime;
    this.survey = new ClusterSurvey(this, settings, executor, nanoTime);
  }

  /** Waits until the slots are known, or why they are not, and until all watchers know it too. */
  boolean awaitFirstWord(Duration longest) throws InterruptedException {
    long end = nanoTime.getAsLong() + longest.toNanos();
    if (!survey.awaitFirstWord(longest.toNanos())) {
      return false;
    }
    CountDownLatch told = new CountDownLatch(1);
    execute(told::countDown); // After the step that is at it, on the one thread that tells them.
    return told.await(end - nanoTime.getAsLong(), TimeUnit.NANOSECONDS);
  }

  void start() {
    seeds.forEach(this::node);
    soon();
  }

  /** Adds a watcher, which is told of the masters known already. */
  void watch(ClusterWatcher watcher) {
    execute(() -> {
      watchers.add(watcher);
      nodes.values().stream().filter(ClusterNode::isServing).forEach(watcher::serves);
    });
  }

  /** Returns who serves a slot as far as is known; null where nobody does. */
  @Nullable ClusterNode owner(int slot) {
    return table.owner(slot);
  }

  SlotTable table() {
    return table;
  }

  Iterable<ClusterNode> nodes() {
    return nodes.values();
  }

  /** Returns the node at an address, which is dialled if it is new; null when all is closed. */
  synchronized @Nullable ClusterNode node(RedisAddress address) {
    return closed ? null : nodes.computeIfAbsent(address, this::dialled);
  }

  /**
   * Notes that a slot has another owner, which is returned. Until that one is connected the last
   * one goes on telling everybody to go there.
   */
  @Nullable ClusterNode moved(int slot, RedisAddress to) {
    ClusterNode node = node(to);
    if (node != null && node.link().isUp() && !node.equals(table.replace(slot, node))) {
      execute(() -> {
        if (!node.isServing()) {
          lookWhoServes();
        }
        survey.want();
      });
    }
    return node;
  }

  /** Says that a node does not work although it may be connected, or works again. */
  void suspect(ClusterNode node, boolean away) {
    node.suspect(away);
    soon();
  }

  /** Takes a hint: a cluster that is down may be up again, in another shape. */
  void noteFailure(Throwable failure) {
    if (failure.getCause() instanceof RedisCommandExecutionException error
        && ErrorReply.of(error).is("CLUSTERDOWN")) {
      soon();
    }
  }

  /** Asks for the slots again before long. */
  void soon() {
    execute(survey::want);
  }

  /** Runs a step after a pause, unless all is closed. */
  boolean later(Runnable step, long millis) {
    try {
      var unused = executor.schedule(Guarded.step(step), millis, TimeUnit.MILLISECONDS);
      return !closed;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Returns why nobody told who serves the slots; empty while somebody did. */
  Optional<String> problem() {
    return survey.problem();
  }

  RedisUnavailableException unserved(int slot) {
    String why =
        problem().orElseGet(() -> "no node of %s serves slot %d".formatted(settings, slot));
    return new RedisUnavailableException(why, null).unsent();
  }

  /** Returns all nodes, which are the caller's to close; there will be no others. */
  synchronized List<ClusterNode> close() {
    closed = true;
    return List.copyOf(nodes.values());
  }

  private ClusterNode dialled(RedisAddress address) {
    ClusterNode node = dial.apply(address);
    node.link()
        .watch(
            new Watcher() {
              @Override
              public void up() {
                node.clock().sample();
                soon();
              }

              @Override
              public void down(RedisUnavailableException problem) {
                failed.add(address);
                if (failed.containsAll(seeds)) {
                  survey.firstWord();
                }
                soon();
              }
            });
    return node;
  }

  private void execute(Runnable step) {
    if (closed) {
      return;
    }
    try {
      executor.execute(Guarded.step(step));
    } catch (RejectedExecutionException e) {
      closed = true; // The threads have been ended in between.
    }
  }

  @Override
  public Iterator<ClusterNode> connected() {
    List<ClusterNode> all = new ArrayList<>(nodes.values());
    Collections.rotate(all, turn++);
    all.removeIf(node -> !node.link().isUp());
    return trustedFirst(all).iterator();
  }

  /** Returns the same nodes in this order; not sorted, for suspicion comes and goes meanwhile. */
  static List<ClusterNode> trustedFirst(List<ClusterNode> nodes) {
    List<ClusterNode> trusted = new ArrayList<>();
    List<ClusterNode> suspected = new ArrayList<>();
    nodes.forEach(node -> (node.isSuspected() ? suspected : trusted).add(node));
    trusted.addAll(suspected);
    return trusted;
  }

  @Override
  public void lookFurther() {
    seeds.forEach(this::node);
    replicas.forEach(this::node);
  }

  @Override
  public Optional<String> firstProblem() {
    return nodes.values().stream().flatMap(node -> node.link().lastProblem().stream()).findFirst();
  }

  @Override
  public boolean take(Object reply, ClusterNode told) {
    List<SlotRange> ranges;
    try {
      ranges = SlotRange.read(reply, told.address());
    } catch (IllegalArgumentException e) {
      if (warning.isDue(nanoTime.getAsLong())) {
        LOG.warn("{} does not tell the slots of its cluster: {}", told, e.getMessage());
      }
      return false;
    }
    if (ranges.isEmpty()) {
      return false; // It has not joined the cluster yet.
    }
    ClusterNode[] served = new ClusterNode[SlotLinks.SLOTS];
    replicas.clear();
    for (SlotRange range : ranges) {
      RedisAddress master = range.master();
      Arrays.fill(served, range.first(), range.last() + 1, master == null ? null : node(master));
      replicas.addAll(range.replicas());
    }
    for (int slot = 0; slot < served.length; slot++) {
      ClusterNode last = table.owner(slot);
      if (last != null && last.works() && isBeingDialled(served[slot])) {
        survey.want(); // It redirects until then.
      } else {
        table.replace(slot, served[slot]);
      }
    }
    lookWhoServes();
    return true;
  }

  private boolean isBeingDialled(@Nullable ClusterNode node) {
    return node != null
        && !node.link().isUp()
        && nanoTime.getAsLong() - node.idleSince() < LONGEST_DIALLING;
  }

  private void lookWhoServes() {
    Set<ClusterNode> serving = table.serving();
    long now = nanoTime.getAsLong();
    boolean changed = false;
    for (ClusterNode node : nodes.values()) {
      boolean serves = serving.contains(node);
      if (serves != node.isServing()) {
        node.serve(serves, now);
        watchers.forEach(serves ? w -> w.serves(node) : w -> w.rests(node));
        changed = true;
      } else if (!serves && now - node.idleSince() > LINGER) {
        leave(node);
      }
    }
    if (changed) {
      LOG.info("the slots of {} are served by {}", settings, serving);
    }
  }

  private void leave(ClusterNode node) {
    nodes.remove(node.address());
    var unused = node.lettuce().disconnect();
    watchers.forEach(watcher -> watcher.left(node));
  }

  @Override
  public boolean isServed() {
    return table.unserved() == 0 && table.serving().stream().allMatch(ClusterNode::works);
  }
}
