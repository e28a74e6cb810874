package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.redis.ClusterLink;
import io.sluice.redis.ClusterNode;
import io.sluice.redis.ClusterWatcher;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.SlotLinks;
import io.sluice.store.StoreStatus.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A switch of its own ({@link OutageStore}) before each master of a cluster, all in front of one
 * shared and one local store: a master that is away sends the buckets of its slots to the policies'
 * on-outage, and those of no other.
 *
 * <p>When a slot has another owner, the switch of the last one guards it until that of the new one
 * has been probed, a second at most: so a slot that moves between masters that work stays in Redis,
 * and one whose master failed comes back when the next one has been probed. Thread-safe.
 */
public final class NodeStores implements ClusterWatcher, AutoCloseable {

  private static final long PROBATION = TimeUnit.SECONDS.toNanos(1);

  private final ClusterLink cluster;
  private final RedisSettings settings;
  private final RedisBucketStore shared;
  private final MemoryBucketStore local;
  private final LongSupplier nanoTime;
  private final ClusterOutages outages;
  private final Map<ClusterNode, Guard> guards = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<@Nullable Guard> guarded =
      new AtomicReferenceArray<>(SlotLinks.SLOTS);
  private final OutageTally tally = new OutageTally();
  private final NoNode nobody;
  private final LongAdder pastMissed = new LongAdder();
  private final LongAdder pastDecisions = new LongAdder();

  /** A node's switch. */
  private static final class Guard {

    private final ClusterNode node;
    private final OutageStore store;
    private final long since;
    private volatile boolean closed;

    private Guard(ClusterNode node, OutageStore store, long now) {
      this.node = node;
      this.store = store;
      this.since = now;
    }
  }

  /**
   * Creates the switches of a cluster, as its masters become known.
   *
   * @param shared the store of all gateways, on the cluster
   * @param local the store of this process
   * @param nanoTime the clock, the same as the link's
   * @param listener hears when the first node is away, and when none is away any more
   */
  public NodeStores(
      ClusterLink cluster,
      RedisSettings settings,
      RedisBucketStore shared,
      MemoryBucketStore local,
      LongSupplier nanoTime,
      OutageListener listener) {
    this.cluster = cluster;
    this.settings = settings;
    this.shared = shared;
    this.local = local;
    this.nanoTime = nanoTime;
    this.outages = new ClusterOutages(cluster, tally, listener, nanoTime);
    this.nobody = new NoNode(local, tally);
  }

  /** Returns the buckets of the cluster, or of this process where its nodes are away. */
  public ClusterStore store() {
    return new ClusterStore(this::slotOf, this::place, this::certainRefusal, shared, local, tally);
  }

  /** Begins to follow the cluster. */
  public NodeStores start() {
    cluster.watch(this);
    return this;
  }

  /** Returns the slot of a bucket. */
  int slotOf(BucketKey key) {
    return cluster.slotOf(key.inRedis(settings.prefix()));
  }

  /** Returns who decides on the buckets of a slot. */
  Place place(int slot) {
    ClusterNode owner = owner(slot);
    if (owner == null) {
      return nobody;
    }
    Guard guard = guarded.get(slot);
    if (guard != null && guard.node.equals(owner)) {
      return guard.store;
    }
    Guard next = guards.get(owner);
    if (next != null && isDecided(next)) {
      guarded.set(slot, next);
      next.store.takeOver();
      return next.store;
    }
    if (guard == null || guard.closed) {
      guard = anyThatWorks(); // The slot is new here: commands find their way as they do elsewhere.
    }
    return guard != null ? guard.store : next != null ? next.store : nobody;
  }

  /** Returns whether the node is asked that holds what all gateways share besides buckets. */
  public boolean asksShared(String key) {
    ClusterNode owner = cluster.owner(cluster.slotOf(key)); // No bucket may ever have been there.
    Guard guard = owner == null ? null : guards.get(owner);
    return guard != null && guard.store.asksShared();
  }

  /** Returns a refusal that needs no Redis, where Redis would be asked at all. */
  private @Nullable List<Verdict> certainRefusal(List<Draw> draws) {
    Guard guard = guarded.get(slotOf(draws.get(0).key()));
    return guard != null && guard.store.asksShared() ? shared.certainRefusal(draws) : null;
  }

  @Override
  public void serves(ClusterNode node) {
    guards.computeIfAbsent(node, this::guard);
  }

  @Override
  public void rests(ClusterNode node) {
    outages.forget(node);
  }

  @Override
  public void left(ClusterNode node) {
    Guard guard = guards.remove(node);
    if (guard != null) {
      end(guard);
      StoreStatus status = guard.store.status();
      pastMissed.add(status.missedDeadlines());
      pastDecisions.add(status.localDecisions());
    }
  }

  /**
   * Waits until it is known whether every master works; for start-up only.
   *
   * @return whether all do; if not, {@link #status} says why
   */
  public boolean awaitShared(Duration longest) throws InterruptedException {
    long end = nanoTime.getAsLong() + longest.toNanos();
    boolean all = cluster.awaitSlots(longest);
    for (Guard guard : guards.values()) {
      all &= guard.store.awaitShared(Duration.ofNanos(end - nanoTime.getAsLong()));
    }
    return all && status().mode() == Mode.REDIS;
  }

  /**
   * Waits until the cluster has been told what was spent without it, also in slots that nobody has
   * named since they have another owner; for the end of a process.
   *
   * @return whether it has; a node that is away is not waited for
   */
  public boolean awaitSettled(Duration longest) throws InterruptedException {
    long end = nanoTime.getAsLong() + longest.toNanos();
    boolean all = true;
    guards.values().forEach(guard -> guard.store.takeOver());
    for (Guard guard : guards.values()) {
      all &=
          !cluster.isServing(guard.node)
              || guard.store.awaitSettled(Duration.ofNanos(end - nanoTime.getAsLong()));
    }
    return all && local.debts().isEmpty(); // A slot may have no owner.
  }

  /** Returns what an operator wants to know of all nodes together. */
  public StoreStatus status() {
    List<StoreStatus> serving = new ArrayList<>();
    List<StoreStatus> resting = new ArrayList<>();
    for (Guard guard : guards.values()) {
      (cluster.isServing(guard.node) ? serving : resting).add(guard.store.status());
    }
    return new ClusterStatus(
            cluster,
            outages.since(),
            pastMissed.sum(),
            pastDecisions.sum() + nobody.decisions(),
            tally)
        .of(serving, resting);
  }

  /** Ends the switches; the stores and the link stay as they are. */
  @Override
  public void close() {
    guards.values().forEach(NodeStores::end);
  }

  private Guard guard(ClusterNode node) {
    Recovery recovery = new Recovery(local, shared, key -> isServedBy(node, key), tally.part());
    return new Guard(
        node,
        new OutageStore(
                shared,
                local,
                recovery,
                node.link(),
                new NodeProbe(cluster, node, settings.prefix()),
                settings.timeout(),
                nanoTime,
                outages.of(node))
            .start(),
        nanoTime.getAsLong());
  }

  /** Returns whether a node has been probed, is away, or has had the time to be probed. */
  private boolean isDecided(Guard guard) {
    return guard.store.asksShared()
        || !guard.node.link().isUp()
        || nanoTime.getAsLong() - guard.since > PROBATION;
  }

  private @Nullable Guard anyThatWorks() {
    for (Guard guard : guards.values()) {
      if (guard.store.asksShared()) {
        return guard;
      }
    }
    return null;
  }

  private boolean isServedBy(ClusterNode node, BucketKey key) {
    return node.equals(owner(slotOf(key)));
  }

  /**
   * Returns who serves a slot; null where nobody does, and then its next owner, be it the last one,
   * takes over what is spent meanwhile.
   */
  private @Nullable ClusterNode owner(int slot) {
    ClusterNode owner = cluster.owner(slot);
    if (owner == null) {
      guarded.set(slot, null);
    }
    return owner;
  }

  private static void end(Guard guard) {
    guard.closed = true;
    guard.store.close();
  }
}
