package io.sluice.app;

import io.sluice.balance.GroupSettings;
import io.sluice.balance.UpstreamGroup;
import io.sluice.request.PathRules;
import io.sluice.route.Route;
import io.sluice.route.RouteSettings;
import io.sluice.route.RouteTable;
import io.sluice.route.Routes;
import io.sluice.upstream.Upstream;
import io.sluice.upstream.UpstreamSettings;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The routes in force and the upstreams behind them. A change makes a whole new table and swaps one
 * reference. Upstreams whose settings have not changed go over to the new table with their
 * connections; the others serve the calls that are under way, and those of requests that met the
 * old table, and are stopped when nobody uses them any more. Thread-safe.
 */
final class LiveRoutes implements Routes {

  /** Longer than a request can know its route before it calls the upstream. */
  private static final long GRACE_SECONDS = 10;

  /** Puts something before an upstream that all its requests pass. */
  interface Front {
    Upstream before(Upstream upstream, int connections, int queued);
  }

  private final PathRules rules;
  private final Function<UpstreamSettings, Upstream> opening;
  private final Front front;
  private final Scheduler scheduler;
  private final Consumer<List<UpstreamGroup>> changing;
  private final IdentityHashMap<UpstreamGroup, Upstream> fronts = new IdentityHashMap<>();
  private final List<UpstreamGroup> retired = new ArrayList<>();
  private volatile RoutingConfig config;
  private volatile RouteTable table;
  private volatile Map<String, UpstreamGroup> groups;
  private boolean running;

  /**
   * Creates the routes; nothing is started.
   *
   * @param opening makes the connections to a server
   * @param front what stands before each upstream, whatever its number of servers
   * @param changing hears of the upstreams that come into force
   */
  LiveRoutes(
      RoutingConfig config,
      PathRules rules,
      Function<UpstreamSettings, Upstream> opening,
      Front front,
      Scheduler scheduler,
      Consumer<List<UpstreamGroup>> changing) {
    this.rules = rules;
    this.opening = opening;
    this.front = front;
    this.scheduler = scheduler;
    this.changing = changing;
    this.config = config;
    this.groups = groups(config, Map.of());
    this.table = table(config, groups);
    changing.accept(upstreams());
  }

  @Override
  public RouteTable table() {
    return table;
  }

  /** Returns the upstreams in force. */
  List<UpstreamGroup> upstreams() {
    return List.copyOf(groups.values());
  }

  @Override
  public synchronized void start() {
    running = true;
    groups.values().forEach(UpstreamGroup::start);
  }

  @Override
  public synchronized void stop() {
    running = false;
    groups.values().forEach(UpstreamGroup::stop);
    retired.forEach(UpstreamGroup::stop);
    retired.clear();
  }

  /** Brings other routes into force; returns whether they differ from those before. */
  synchronized boolean adopt(RoutingConfig next) {
    if (!running || next.equals(config)) {
      return false;
    }
    Map<String, UpstreamGroup> before = groups;
    Map<String, UpstreamGroup> after = groups(next, before);
    after.values().stream()
        .filter(group -> !before.containsValue(group))
        .forEach(UpstreamGroup::start);
    table = table(next, after);
    groups = after;
    config = next;
    before.values().stream().filter(group -> !after.containsValue(group)).forEach(this::retire);
    changing.accept(upstreams());
    return true;
  }

  private void retire(UpstreamGroup group) {
    group.retire();
    retired.add(group);
    stopLater(group);
  }

  private void stopLater(UpstreamGroup group) {
    scheduler.schedule(() -> stopUnused(group), GRACE_SECONDS, TimeUnit.SECONDS);
  }

  private synchronized void stopUnused(UpstreamGroup group) {
    if (!retired.contains(group)) {
      return;
    }
    if (group.status().isUnused()) {
      retired.remove(group);
      group.stop();
    } else {
      stopLater(group);
    }
  }

  private Map<String, UpstreamGroup> groups(
      RoutingConfig routing, Map<String, UpstreamGroup> known) {
    Map<String, UpstreamGroup> made = new LinkedHashMap<>();
    for (GroupSettings settings : routing.upstreams()) {
      UpstreamGroup same = known.get(settings.name());
      made.put(
          settings.name(),
          same != null && same.settings().equals(settings)
              ? same
              : new UpstreamGroup(settings, opening, scheduler));
    }
    return made;
  }

  private RouteTable table(RoutingConfig routing, Map<String, UpstreamGroup> known) {
    fronts.keySet().retainAll(known.values());
    List<Route> routes = routing.routes().stream().map(route -> route(route, known)).toList();
    RouteSettings rest = routing.otherwise();
    @Nullable Route otherwise = rest == null ? null : route(rest, known);
    return new RouteTable(routes, otherwise, rules);
  }

  private Route route(RouteSettings settings, Map<String, UpstreamGroup> known) {
    UpstreamGroup group = known.get(settings.upstream());
    if (group == null) {
      throw new IllegalArgumentException("no upstream is named " + settings.upstream());
    }
    Upstream fronted = fronts.computeIfAbsent(group, this::fronted);
    return settings.to(fronted, group.settings().servers().get(0).upstream().getRawAuthority());
  }

  private Upstream fronted(UpstreamGroup group) {
    List<UpstreamSettings> servers = group.settings().servers();
    return front.before(
        group,
        servers.stream().mapToInt(UpstreamSettings::maxConnections).sum(),
        servers.stream().mapToInt(UpstreamSettings::maxQueued).sum());
  }
}
