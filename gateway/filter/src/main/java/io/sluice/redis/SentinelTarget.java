package io.sluice.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The master among replicas, as Sentinels name it (Redis' "Guidelines for Redis clients with
 * support for Redis Sentinel"). Thread-safe; its state belongs to one thread.
 *
 * <p>All Sentinels are asked all the time, rather than one after the other when the master is lost,
 * or one listened to for {@code +switch-master}: so the next master is known before it is needed, a
 * Sentinel that hangs delays nobody, and silence is not taken for "no failover". (The Sentinel that
 * leads a failover publishes that event only when all replicas follow, seconds after it names the
 * new master.) {@link SentinelWords} says what they say together.
 *
 * <p>A server is used only while it says itself that it is master. Replicas are never read.
 */
final class SentinelTarget implements Target {

  private static final Logger LOG = LoggerFactory.getLogger(SentinelTarget.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int MOST_POSTS = 9;
  private static final Delay SHORT_PAUSES =
      Delay.fullJitter(Duration.ofMillis(20), Duration.ofMillis(250), 20, TimeUnit.MILLISECONDS);

  private final RedisTopology.Sentinel topology;
  private final RedisSettings settings;
  private final SentinelProblems problems;
  private final LongSupplier nanoTime;
  private final LettuceThreads threads;
  private final RedisClient client;
  private final EventExecutor thread;
  private final Inquiry inquiry;

  private final List<SentinelPost> posts = new ArrayList<>();
  private final SentinelWords words;
  private final List<CompletableFuture<RedisAddress>> waiting = new ArrayList<>();
  private Consumer<RedisUnavailableException> moved = why -> {};
  private @Nullable RedisAddress led;
  private boolean silent;
  private boolean proving;
  private boolean closed;

  /**
   * Creates one that asks nobody until it is followed or asked.
   *
   * @param link what the link runs on; nobody but this sees the channels to Sentinels
   */
  SentinelTarget(
      RedisTopology.Sentinel topology,
      RedisSettings settings,
      LettuceThreads link,
      LongSupplier nanoTime) {
    this.topology = topology;
    this.settings = settings;
    this.problems = new SentinelProblems(settings, topology);
    this.nanoTime = nanoTime;
    this.words = new SentinelWords(posts, nanoTime);
    this.threads = link.share(new NettyCustomizer() {});
    this.client = threads.client(LettuceShape.options(settings));
    this.thread = threads.executors().next();
    this.inquiry = new Inquiry(thread, PATIENCE, nanoTime);
  }

  @Override
  public void follow(Consumer<RedisUnavailableException> moved) {
    execute(() -> {
      this.moved = moved;
      begin();
    });
  }

  @Override
  public CompletionStage<RedisURI> locate() {
    return master().thenApply(address -> LettuceShape.uri(settings, address));
  }

  @Override
  public CompletionStage<StatefulRedisConnection<byte[], byte[]>> connect(RedisClient link) {
    return master().thenCompose(address -> connect(link, address));
  }

  @Override
  public Delay pauses(Delay usual) {
    return SHORT_PAUSES;
  }

  @Override
  public void close() {
    if (thread.isShuttingDown()) {
      return; // Closed twice.
    }
    thread
        .submit(() -> {
          closed = true;
          posts.forEach(SentinelPost::close);
        })
        .awaitUninterruptibly(1, TimeUnit.SECONDS); // Nobody is to miss the connections.
  }

  @Override
  public CompletableFuture<Void> disconnect() {
    return LettuceThreads.disconnect(client).thenRun(threads::release);
  }

  private CompletionStage<StatefulRedisConnection<byte[], byte[]>> connect(
      RedisClient link, RedisAddress address) {
    return Connecting.to(link, LettuceShape.uri(settings, address))
        .thenCompose(fresh -> checked(fresh, address))
        .exceptionally(failure -> {
          throw Problems.ofMaster(settings, address, topology.master()).ofDialling(failure);
        });
  }

  private CompletionStage<StatefulRedisConnection<byte[], byte[]>> checked(
      StatefulRedisConnection<byte[], byte[]> fresh, RedisAddress address) {
    return inquiry
        .ask(fresh, CommandType.ROLE, "ROLE")
        .thenApply(reply -> {
          String role = role(reply);
          if (!role.equals("master")) {
            throw problems.ofRole(address, role);
          }
          return fresh;
        })
        .whenComplete((used, failure) -> {
          if (failure != null) {
            var unused = fresh.closeAsync();
          }
        });
  }

  private static String role(Object reply) {
    return SentinelWord.texts(((List<?>) reply).subList(0, 1)).get(0);
  }

  private CompletionStage<RedisAddress> master() {
    CompletableFuture<RedisAddress> answer = new CompletableFuture<>();
    execute(() -> {
      waiting.add(answer);
      begin();
      answer();
    });
    return answer;
  }

  private void execute(Runnable step) {
    thread.execute(Guarded.step(step));
  }

  private void begin() {
    if (posts.isEmpty() && !closed) {
      topology.nodes().forEach(this::post);
    }
  }

  private void post(RedisAddress address) {
    Problems problems = Problems.ofSentinel(settings, address, topology.login());
    Dialer dialer =
        new Dialer(
            client,
            Target.ofSentinel(settings, address, topology.login()),
            thread,
            problems,
            nanoTime);
    SentinelPost.Listener listener =
        new SentinelPost.Listener() {
          @Override
          public void heard() {
            SentinelTarget.this.heard();
          }

          @Override
          public void others(List<RedisAddress> addresses) {
            addresses.forEach(SentinelTarget.this::learn);
          }
        };
    SentinelPost post =
        new SentinelPost(
            address, topology.master(), dialer, problems, inquiry, thread, listener, nanoTime);
    posts.add(post);
    post.start();
  }

  /**
   * Adds a Sentinel; where there is no room, in the place of a learned one that does not answer.
   */
  private void learn(RedisAddress address) {
    if (closed || posts.stream().anyMatch(post -> post.address().equals(address))) {
      return;
    }
    if (posts.size() >= MOST_POSTS) {
      Optional<SentinelPost> lost =
          posts.stream().skip(topology.nodes().size()).filter(SentinelPost::isLost).findFirst();
      if (lost.isEmpty()) {
        return;
      }
      posts.remove(lost.get());
      lost.get().close();
    }
    post(address);
  }

  private void heard() {
    words.heard();
    words.promised().ifPresent(this::prove);
    Optional<RedisAddress> named = words.master();
    named.ifPresent(this::look);
    if (!silent && led != null && words.isSilent()) {
      silent = true;
      LOG.warn("a failover would go unnoticed: {}", silence().getMessage());
    } else if (silent && named.isPresent()) {
      silent = false;
      LOG.info("the Sentinels of {} answer again", topology.master());
    }
    answer();
  }

  /**
   * Asks a server that is being promoted whether it is master; each answer of a Sentinel asks anew.
   */
  private void prove(RedisAddress next) {
    if (proving || closed) {
      return;
    }
    proving = true;
    var unused =
        CompletableFuture.completedFuture(next)
            .thenCompose(address -> connect(client, address))
            .thenCompose(StatefulRedisConnection::closeAsync)
            .whenComplete((closed, failure) -> execute(() -> proved(next, failure == null)));
  }

  private void proved(RedisAddress next, boolean master) {
    proving = false;
    if (master) {
      words.proven(next);
      heard();
    }
  }

  private void look(RedisAddress named) {
    RedisAddress left = led;
    if (left != null && !left.equals(named)) {
      led = named;
      LOG.info("the master of {} is {} by now, no longer {}", topology.master(), named, left);
      moved.accept(problems.ofMove(left, named));
    }
  }

  private void answer() {
    Optional<RedisAddress> named = words.master();
    if (named.isPresent()) {
      led = named.get();
      waiting.forEach(each -> each.complete(named.get()));
      waiting.clear();
    } else if (words.isSilent()) {
      RedisUnavailableException why = silence();
      waiting.forEach(each -> each.completeExceptionally(why));
      waiting.clear();
    }
  }

  private RedisUnavailableException silence() {
    return problems.ofSilence(words.silence());
  }
}
