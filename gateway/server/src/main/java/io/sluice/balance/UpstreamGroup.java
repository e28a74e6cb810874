package io.sluice.balance;

import io.sluice.upstream.Call;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.Upstream;
import io.sluice.upstream.UpstreamSettings;
import io.sluice.upstream.UpstreamStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An upstream of one server or several that stand for each other. Calls go to the healthy servers
 * in turn; when none is healthy to all of them, because what finds them unhealthy may be wrong, and
 * a failed request is no worse than a refused one. With one server a call is that server's own.
 */
public final class UpstreamGroup implements Upstream {

  private static final Logger LOG = LoggerFactory.getLogger(UpstreamGroup.class);

  private final GroupSettings settings;
  private final List<Server> servers = new ArrayList<>();
  private final List<HealthCheck> checks = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final LongAdder retries = new LongAdder();
  private final RetryBudget budget;
  private volatile Server[] inTurn;
  private volatile boolean panicking;

  /**
   * Creates a group; nothing is connected before the start.
   *
   * @param opening makes the connections to a server
   * @param scheduler wakes for the questions after health
   */
  public UpstreamGroup(
      GroupSettings settings, Function<UpstreamSettings, Upstream> opening, Scheduler scheduler) {
    this(settings, opening, scheduler, System::nanoTime);
  }

  UpstreamGroup(
      GroupSettings settings,
      Function<UpstreamSettings, Upstream> opening,
      Scheduler scheduler,
      LongSupplier nanoTime) {
    this.settings = settings;
    this.budget = new RetryBudget(nanoTime);
    HealthSettings how = settings.health();
    for (UpstreamSettings each : settings.servers()) {
      Health health = new Health(how, nanoTime, this::turned);
      servers.add(new Server(each.upstream().toString(), opening.apply(each), health));
      if (how.path() != null) {
        Upstream asked = opening.apply(each.forQuestions(how.timeout()));
        checks.add(new HealthCheck(how, each.upstream(), asked, health, scheduler));
      }
    }
    this.inTurn = servers.toArray(Server[]::new);
  }

  /** Returns what it was made of. */
  public GroupSettings settings() {
    return settings;
  }

  @Override
  public void start() {
    servers.forEach(server -> server.upstream().start());
    checks.forEach(HealthCheck::start);
  }

  @Override
  public void stop() {
    checks.forEach(HealthCheck::stop);
    servers.forEach(server -> server.upstream().stop());
  }

  @Override
  public void retire() {
    checks.forEach(HealthCheck::stop);
    servers.forEach(server -> server.upstream().retire());
  }

  @Override
  public Call call(
      RequestHead head,
      Content.@Nullable Source content,
      TimeLimits limits,
      CallListener listener) {
    if (servers.size() == 1) {
      return servers.get(0).upstream().call(head, content, limits, listener);
    }
    budget.called();
    return new GroupCall(this, next(), head, content, limits, listener);
  }

  /** Returns the connections of all servers together, with the youngest failure. */
  @Override
  public UpstreamStatus status() {
    List<UpstreamStatus> all = servers.stream().map(s -> s.upstream().status()).toList();
    UpstreamStatus youngest =
        all.stream()
            .filter(status -> status.failure() != null)
            .min(Comparator.comparing(UpstreamStatus::failedAgo))
            .orElse(all.get(0));
    return new UpstreamStatus(
        all.stream().mapToInt(UpstreamStatus::open).sum(),
        all.stream().mapToInt(UpstreamStatus::resting).sum(),
        all.stream().mapToInt(UpstreamStatus::waiting).sum(),
        youngest.failure(),
        youngest.failure() == null ? Duration.ZERO : youngest.failedAgo());
  }

  @Override
  public int waiting() {
    return servers.stream().mapToInt(server -> server.upstream().waiting()).sum();
  }

  @Override
  public boolean canSwitch() {
    return servers.get(0).upstream().canSwitch();
  }

  /** Returns how each server is doing. */
  public List<ServerStatus> servers() {
    return servers.stream().map(Server::status).toList();
  }

  /** Returns whether all servers are unhealthy, and all of them used therefore. */
  public boolean isPanicking() {
    return panicking;
  }

  /** Returns how many calls were sent to a second server. */
  public long retries() {
    return retries.sum();
  }

  /** Returns another server than that, for a retry; null when there is none or too many retry. */
  @Nullable Server other(Server than) {
    Server[] among = inTurn;
    // Takes no turn, or of two servers the one that fails would have every turn.
    int start = turn.get();
    for (int i = 0; i < among.length; i++) {
      Server server = among[Math.floorMod(start + i, among.length)];
      if (!server.equals(than)) {
        if (!budget.take()) {
          return null;
        }
        retries.increment();
        return server;
      }
    }
    return null;
  }

  private Server next() {
    Server[] among = inTurn;
    if (among.length < servers.size() || panicking) {
      for (Server server : servers) {
        if (server.health().mayTry()) {
          return server;
        }
      }
    }
    return among[Math.floorMod(turn.getAndIncrement(), among.length)];
  }

  /** A server has become healthy or unhealthy. */
  private synchronized void turned() {
    List<Server> healthy = servers.stream().filter(server -> server.health().isUp()).toList();
    List<Server> before = List.of(inTurn);
    for (Server server : servers) {
      boolean was = !panicking && before.contains(server);
      if (was && !healthy.contains(server)) {
        LOG.warn(
            "upstream {}: {} is unhealthy: {}",
            settings.name(),
            server.url(),
            server.health().cause());
      } else if (!was && healthy.contains(server)) {
        LOG.info("upstream {}: {} is healthy again", settings.name(), server.url());
      }
    }
    if (healthy.isEmpty() && !panicking) {
      LOG.error("upstream {}: no server is healthy, so all are used", settings.name());
    }
    panicking = healthy.isEmpty();
    inTurn = (panicking ? servers : healthy).toArray(Server[]::new);
  }
}
