package io.sluice.redis;

import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.resource.NettyCustomizer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to a Redis Cluster: one {@link LettuceLink} for each master, and each command over that
 * of the master that serves the slot of its first key. It connects in the background and never
 * waits, and sends nothing to replicas.
 *
 * <p>A command goes on to another node only when the first has said that it did not carry it out
 * (MOVED, ASK), five times at most, or after some milliseconds when the keys of the slot are just
 * being moved (TRYAGAIN), four times at most. So nothing is sent twice here either. Thread-safe.
 */
public final class ClusterLink implements RedisLink, SlotLinks, AutoCloseable {

  private static final int MOST_SPARE_KEYS = 16;

  private final RedisSettings settings;
  private final LongSupplier wallNanos;
  private final LongSupplier nanoTime;
  private final LettuceThreads threads = LettuceThreads.start(new NettyCustomizer() {});
  private final ClusterTopology topology;
  private final RedisTime unowned;

  /**
   * Creates a link and starts connecting; never throws or waits because nodes are absent.
   *
   * @param settings with the topology of a cluster
   * @param wallNanos the wall clock, read for each node before its clock is known
   * @param nanoTime elapsed nanoseconds from any origin
   */
  public ClusterLink(RedisSettings settings, LongSupplier wallNanos, LongSupplier nanoTime) {
    if (!(settings.topology() instanceof RedisTopology.Cluster cluster)) {
      throw new IllegalArgumentException("no cluster: " + settings);
    }
    this.settings = settings;
    this.wallNanos = wallNanos;
    this.nanoTime = nanoTime;
    this.unowned = new RedisClock(this, wallNanos, nanoTime);
    this.topology = new ClusterTopology(settings, cluster.nodes(), this::dial, threads, nanoTime);
    topology.start();
  }

  /** Adds a watcher, which is told of the masters known already. */
  public void watch(ClusterWatcher watcher) {
    topology.watch(watcher);
  }

  /**
   * Waits until the slots are known for the first time, or every node of the settings has failed;
   * for start-up only.
   *
   * @return whether anything was heard in time
   */
  public boolean awaitSlots(Duration longest) throws InterruptedException {
    return topology.awaitFirstWord(longest);
  }

  /** Returns who serves a slot as far as is known; null where nobody does. */
  public @Nullable ClusterNode owner(int slot) {
    return topology.owner(slot);
  }

  /** Returns whether a node serves any slot as far as is known. */
  public boolean isServing(ClusterNode node) {
    return topology.table().isServing(node);
  }

  /** Returns how many slots nobody serves as far as is known. */
  public int unserved() {
    return topology.table().unserved();
  }

  /** Says that a node does not work although it may be connected, or works again. */
  public void suspect(ClusterNode node, boolean away) {
    topology.suspect(node, away);
  }

  /** Asks all masters for their time; returns at once. */
  public void sampleClocks() {
    topology.nodes().forEach(node -> node.clock().sample());
  }

  /** Returns where the cluster is, for people; without secrets. */
  public String target() {
    return settings.toString();
  }

  /** Returns why the slots are not known; empty while they are. */
  public Optional<String> problem() {
    return topology.problem();
  }

  @Override
  public int slotOf(String key) {
    return SlotHash.getSlot(key);
  }

  @Override
  public RedisLink link(int slot) {
    return new SlotLink(slot);
  }

  @Override
  public RedisTime clock(int slot) {
    return new SlotTime(slot);
  }

  @Override
  public String reachable(String key) {
    for (int i = 0; i < MOST_SPARE_KEYS; i++) {
      String spare = i == 0 ? key : key + '+' + i;
      ClusterNode owner = topology.owner(slotOf(spare));
      if (owner != null && owner.works()) {
        return spare;
      }
    }
    return key;
  }

  @Override
  public RedisLink all() {
    return this;
  }

  /** Returns whether any node is connected. */
  @Override
  public boolean isUp() {
    for (ClusterNode node : topology.nodes()) {
      if (node.link().isUp()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public CompletionStage<Object> run(
      RedisScript script, List<byte[]> keys, List<byte[]> arguments) {
    return run(SlotHash.getSlot(keys.get(0)), script, keys, arguments);
  }

  @Override
  public CompletionStage<Long> delete(byte[] key) {
    return new Errand(topology, SlotHash.getSlot(key), (link, asking) -> link.delete(key, asking))
        .start()
        .thenApply(Long.class::cast);
  }

  /** Returns the clock of any node; they may differ. */
  @Override
  public CompletionStage<Long> epochNanos() {
    for (ClusterNode node : topology.nodes()) {
      if (node.works()) {
        return node.link().epochNanos();
      }
    }
    return CompletableFuture.failedFuture(topology.unserved(0));
  }

  /** Ends all connections and threads; what is under way fails. Waits 6 s at most. */
  @Override
  public void close() {
    List<ClusterNode> nodes = topology.close();
    threads.end(() ->
        CompletableFuture.allOf(
            nodes.stream()
                .map(node -> node.lettuce().disconnect())
                .toArray(CompletableFuture<?>[]::new)));
  }

  private CompletionStage<Object> run(
      int slot, RedisScript script, List<byte[]> keys, List<byte[]> arguments) {
    return new Errand(topology, slot, (link, asking) -> link.run(script, keys, arguments, asking))
        .start();
  }

  private ClusterNode dial(RedisAddress address) {
    LettuceLink link =
        new LettuceLink(
            settings.with(new RedisTopology.Node(address)).inDatabase(0), threads, nanoTime);
    return new ClusterNode(
        address, link, new RedisClock(link, wallNanos, nanoTime), nanoTime.getAsLong());
  }

  private final class SlotLink implements RedisLink {

    private final int slot;

    private SlotLink(int slot) {
      this.slot = slot;
    }

    @Override
    public boolean isUp() {
      ClusterNode owner = topology.owner(slot);
      return owner != null && owner.link().isUp();
    }

    @Override
    public CompletionStage<Object> run(
        RedisScript script, List<byte[]> keys, List<byte[]> arguments) {
      return ClusterLink.this.run(slot, script, keys, arguments);
    }

    @Override
    public CompletionStage<Long> delete(byte[] key) {
      return ClusterLink.this.delete(key);
    }

    @Override
    public CompletionStage<Long> epochNanos() {
      ClusterNode owner = topology.owner(slot);
      return owner == null
          ? CompletableFuture.failedFuture(topology.unserved(slot))
          : owner.link().epochNanos();
    }

    @Override
    public void distrust() {
      ClusterNode owner = topology.owner(slot);
      if (owner != null) {
        owner.link().distrust();
      }
    }
  }

  private final class SlotTime implements RedisTime {

    private final int slot;

    private SlotTime(int slot) {
      this.slot = slot;
    }

    @Override
    public Moment now() {
      return time().now();
    }

    @Override
    public void told(long epochNanos, long sent) {
      time().told(epochNanos, sent);
    }

    private RedisTime time() {
      ClusterNode owner = topology.owner(slot);
      return owner == null ? unowned : owner.clock();
    }
  }
}
