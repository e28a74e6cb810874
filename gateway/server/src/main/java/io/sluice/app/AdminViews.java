package io.sluice.app;

import io.sluice.admin.StoreView;
import io.sluice.admin.UpstreamView;
import io.sluice.balance.ServerStatus;
import io.sluice.balance.UpstreamGroup;
import io.sluice.config.Setting;
import io.sluice.engine.Engine;
import io.sluice.store.OutageTokens;
import io.sluice.store.StoreStatus;
import io.sluice.upstream.UpstreamStatus;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the admin pages show, in their words. */
final class AdminViews {

  private AdminViews() {}

  /** Returns the upstreams by name. */
  static List<UpstreamView> upstreams(List<UpstreamGroup> groups) {
    return groups.stream()
        .map(group ->
            new UpstreamView(
                group.settings().name(),
                group.isPanicking(),
                group.retries(),
                group.servers().stream().map(AdminViews::server).toList()))
        .sorted(Comparator.comparing(UpstreamView::name))
        .toList();
  }

  private static UpstreamView.Server server(ServerStatus server) {
    UpstreamStatus connections = server.connections();
    return new UpstreamView.Server(
        server.url(),
        server.healthy(),
        server.since(),
        server.cause(),
        connections.open(),
        connections.resting(),
        connections.waiting(),
        connections.failure(),
        connections.failedAgo());
  }

  static StoreView store(Engine engine, InstantSource clock) {
    StoreStatus status = engine.storeStatus();
    boolean away = status.breakerOpen();
    return new StoreView(
        switch (status.mode()) {
          case REDIS -> "redis";
          case PARTLY -> "partly";
          case LOCAL, DISABLED -> "local";
        },
        status.target(),
        status.mode() == StoreStatus.Mode.DISABLED ? "none" : away ? "open" : "closed",
        status.target() == null ? null : clock.instant().minus(status.since()),
        away ? status.lastProblem() : null,
        engine.localBuckets(),
        status.gateways(),
        status.target() == null ? null : bound(status.gateways()),
        outage(status));
  }

  private static String bound(int gateways) {
    return gateways == 1
        ? "while Redis is away this gateway grants at most what is left of each limit, and its"
            + " refill"
        : "while Redis is away each of %1$d gateways grants at most 1/%1$d of each limit and of its"
                .formatted(gateways)
            + " refill, and one request at least";
  }

  private static StoreView.@Nullable Outage outage(StoreStatus status) {
    OutageTokens tokens = status.lastOutage();
    if (status.total().equals(OutageTokens.NONE)) {
      return null;
    }
    return new StoreView.Outage(
        tokens.counted(),
        tokens.allowed(),
        tokens.debited(),
        tokens.overdrawn(),
        tokens.restored(),
        tokens.doubtful(),
        tokens.unreturned(),
        status.settling());
  }

  /** Returns the settings as lines, in HOCON's own spelling, each with where it comes from. */
  static String config(List<Setting> settings) {
    return settings.stream()
        .map(s -> "%s = %s  # %s%n".formatted(s.key(), s.value(), s.source()))
        .collect(Collectors.joining());
  }
}
