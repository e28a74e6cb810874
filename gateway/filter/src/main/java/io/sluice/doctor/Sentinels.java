package io.sluice.doctor;

import io.sluice.redis.Console;
import io.sluice.redis.LettuceConsole;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import io.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether gateways hear of a failover from their Sentinels, and whether these can bring one about.
 * Each Sentinel that the settings name is asked as a gateway asks it. That none names a master is
 * an error, but one that is met, and told, where the master is examined.
 */
final class Sentinels {

  private static final String GROUP = "sentinels";
  private static final String REACHABLE = "sentinel-reachable";
  private static final String RIGHTS = "sentinel-rights";
  private static final String NAME = "sentinel-master";
  private static final String AGREEMENT = "sentinel-agreement";
  private static final String NODES = "sentinel-nodes";
  private static final String FAILOVER = "sentinel-failover";
  private static final String REPLICAS = "sentinel-replicas";

  /** With fewer no majority is left when the machine of one is lost. */
  private static final int FEWEST = 3;

  private final RedisSettings settings;
  private final RedisTopology.Sentinel topology;
  private final List<Finding> findings = new ArrayList<>();

  private Sentinels(RedisSettings settings, RedisTopology.Sentinel topology) {
    this.settings = settings;
    this.topology = topology;
  }

  /** Asks all of them; one that does not answer takes as long as the patience. */
  static Report.Part examine(
      RedisSettings settings, RedisTopology.Sentinel topology, Duration patience) {
    Sentinels sentinels = new Sentinels(settings, topology);
    sentinels.look(patience);
    return new Report.Part(GROUP, sentinels.findings);
  }

  private void look(Duration patience) {
    List<SentinelView> views = new ArrayList<>();
    for (RedisAddress node : topology.nodes()) {
      try (Console console =
          LettuceConsole.openSentinel(settings, node, topology.login(), patience)) {
        views.add(SentinelView.of(node, topology.master(), console));
      } catch (RedisUnavailableException e) {
        findings.add(unreachable(e));
      }
    }
    views.forEach(this::judge);
    List<SentinelView> heard = views.stream().filter(SentinelView::isHeard).toList();
    if (!heard.isEmpty()) {
      findings.add(agreement(heard));
    }
    heard.stream().filter(SentinelView::isWhole).findFirst().ifPresent(this::foresee);
  }

  /** The message says the remedy. */
  private static Finding unreachable(RedisUnavailableException failure) {
    return Finding.warning(
        REACHABLE,
        String.valueOf(failure.getMessage()),
        "one Sentinel less from which gateways hear of a failover",
        "");
  }

  private void judge(SentinelView view) {
    List<String> missing = view.missing();
    if (!missing.isEmpty()) {
      findings.add(forbidden(view, String.join(" ", missing)));
    } else if (!view.isHeard()) {
      findings.add(
          Finding.warning(
              NAME,
              "Sentinel %s names no master \"%s\"%s"
                  .formatted(view.sentinel(), topology.master(), view.refusal()),
              "gateways hear of no master from it, nor of a failover",
              "correct redis.sentinel.master or redis.sentinel.nodes"));
    }
  }

  private Finding forbidden(SentinelView view, String missing) {
    String user = topology.login().user();
    String seen =
        "user %s has no right to %s at Sentinel %s".formatted(user, missing, view.sentinel());
    String remedy =
        "ACL SETUSER %s %s there, and the same in its sentinel.conf".formatted(user, missing);
    return Finding.warning(
        RIGHTS,
        seen,
        view.isHeard()
            ? "gateways notice a failover up to a second later, or know fewer Sentinels"
            : "gateways do not hear from it who is master",
        remedy);
  }

  private Finding agreement(List<SentinelView> heard) {
    List<String> named = heard.stream().map(SentinelView::named).distinct().toList();
    if (named.size() == 1) {
      return Finding.ok(
          AGREEMENT,
          "%s %s %s as master"
              .formatted(
                  Figures.count(heard.size(), "Sentinel"),
                  heard.size() == 1 ? "names" : "name",
                  named.get(0)));
    }
    return Finding.warning(
        AGREEMENT,
        "Sentinels name different masters: "
            + heard.stream()
                .map(view -> view.sentinel() + " names " + view.named())
                .collect(Collectors.joining(", ")),
        "gateways believe the newest configuration among those they reach, so some may decide elsewhere",
        "where it lasts longer than a failover, see SENTINEL MASTER %s at each"
            .formatted(topology.master()));
  }

  /** What would become of a failover now. */
  private void foresee(SentinelView view) {
    long all = view.all();
    long needed = Math.max(view.quorum(), all / 2 + 1);
    String up =
        "%d of %s up, %d have to agree on a failover"
            .formatted(view.up(), Figures.count(all, "Sentinel"), needed);
    if (view.up() < needed) {
      findings.add(
          Finding.warning(
              FAILOVER,
              up,
              "nobody takes over when the master is lost: gateways go on as in an outage",
              "start those that are down; SENTINEL RESET at the others forgets those that are gone"));
    } else if (all < FEWEST) {
      findings.add(
          Finding.warning(
              FAILOVER,
              up,
              "nobody takes over when the machine of one is lost",
              "run three, on machines that fail independently"));
    } else {
      findings.add(Finding.ok(FAILOVER, up));
    }
    findings.add(replicas(view));
    if (topology.nodes().size() < Math.min(all, FEWEST)) {
      findings.add(unlisted(all));
    }
  }

  private static Finding replicas(SentinelView view) {
    long barred = view.barred();
    String seen =
        "%d of %s could take over%s"
            .formatted(
                view.ready(),
                Figures.count(view.followers(), "replica"),
                barred == 0
                    ? ""
                    : "; %d %s replica-priority 0".formatted(barred, barred == 1 ? "has" : "have"));
    if (view.ready() > 0) {
      return Finding.ok(REPLICAS, seen);
    }
    return Finding.warning(
        REPLICAS,
        seen,
        "nobody takes over when the master is lost: gateways go on as in an outage",
        barred == 0
            ? "see REPLICAOF and the log of each replica, or run one"
            : "CONFIG SET replica-priority 100 at one that is to, and the same in its redis.conf");
  }

  private Finding unlisted(long all) {
    return Finding.note(
        NODES,
        "redis.sentinel.nodes names %d of %s"
            .formatted(topology.nodes().size(), Figures.count(all, "Sentinel")),
        "a gateway that starts while these are away does not find the others",
        "name them all");
  }
}
