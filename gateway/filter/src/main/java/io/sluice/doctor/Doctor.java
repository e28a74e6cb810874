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
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Examines the Redis that settings name, as a gateway would use it. It changes nothing but keys of
 * its own under the prefix, which expire within ten seconds.
 */
public final class Doctor {

  private static final String REACHABLE = "reachable";
  private static final String OUTAGE = "every gateway acts as in an outage";

  private final List<Check> checks;

  Doctor(List<Check> checks) {
    this.checks = List.copyOf(checks);
  }

  /**
   * Returns a doctor.
   *
   * @param wallNanos this machine's clock, in nanoseconds since the Unix epoch
   * @param nanoTime a clock of elapsed nanoseconds
   */
  public static Doctor of(LongSupplier wallNanos, LongSupplier nanoTime) {
    return new Doctor(
        List.of(
            new ServerCheck(),
            new ClusterCheck(),
            new RightsCheck(),
            new ExcessCheck(),
            new MemoryCheck(),
            new KeysCheck(nanoTime),
            new SlowLogCheck(),
            new LatencyCheck(nanoTime),
            new ClockCheck(wallNanos, nanoTime),
            new ReplicationCheck(),
            new PersistenceCheck(),
            new ClientsCheck(),
            new UnseenCheck()));
  }

  /**
   * Connects and looks at everything. Never fails because of Redis: what is wrong is a finding.
   *
   * @param gateway the settings of gateways
   * @param observer the same Redis by another login, for what gateways have no right to see; null
   *     for the same login
   * @param patience longest wait for a connection, and for each reply
   */
  public Report examine(
      RedisSettings gateway, @Nullable RedisSettings observer, Duration patience) {
    if (!gateway.enabled()) {
      return report(
          "no Redis",
          Finding.ok(
              "enabled",
              "redis.enabled is false: each gateway keeps buckets of its own, by choice"));
    }
    Visit visit = new Visit(gateway, observer, patience);
    try {
      return new Report(gateway.toString(), parts(visit));
    } catch (RedisUnavailableException e) {
      return report(gateway.toString(), unreachable(e));
    }
  }

  /** What a person asked for. */
  private record Visit(
      RedisSettings gateway, @Nullable RedisSettings observer, Duration patience) {}

  private List<Report.Part> parts(Visit visit) {
    RedisTopology topology = visit.gateway.topology();
    if (topology instanceof RedisTopology.Cluster cluster) {
      return members(visit, cluster);
    }
    if (topology instanceof RedisTopology.Sentinel watched) {
      List<Report.Part> parts = new ArrayList<>();
      parts.add(Sentinels.examine(visit.gateway, watched, visit.patience));
      parts.addAll(reached(visit, watched));
      return parts;
    }
    return server(visit, topology);
  }

  /** Examines each master, or where nobody tells of masters the first member that answers. */
  private List<Report.Part> members(Visit visit, RedisTopology.Cluster cluster) {
    Masters masters = Masters.of(visit.gateway, cluster, visit.patience);
    List<Report.Part> parts = new ArrayList<>();
    if (!masters.lost().isEmpty()) {
      parts.add(new Report.Part("cluster", masters.lost()));
    }
    for (RedisAddress master : masters.addresses()) {
      for (Report.Part part : reached(visit, new RedisTopology.Node(master))) {
        parts.add(new Report.Part(part.group() + " at " + master, part.findings()));
      }
    }
    return parts;
  }

  /** Examines one of several places: that it is not there is a finding among others. */
  private List<Report.Part> reached(Visit visit, RedisTopology place) {
    try {
      return server(visit, place);
    } catch (RedisUnavailableException e) {
      return List.of(part(unreachable(e)));
    }
  }

  private List<Report.Part> server(Visit visit, RedisTopology place) {
    RedisSettings observer = visit.observer;
    try (Console own = LettuceConsole.open(visit.gateway.with(place), visit.patience)) {
      if (observer == null) {
        return examine(new Patient(visit.gateway, own, own));
      }
      RedisSettings there =
          place.equals(visit.gateway.topology()) ? observer : observer.with(place);
      try (Console other = LettuceConsole.open(there, visit.patience)) {
        return examine(new Patient(visit.gateway, own, other));
      } catch (RedisUnavailableException e) {
        List<Report.Part> parts = new ArrayList<>(List.of(part(blind(e))));
        parts.addAll(examine(new Patient(visit.gateway, own, own)));
        return parts;
      }
    }
  }

  /** Looks at everything over connections that stand. */
  List<Report.Part> examine(Patient patient) {
    List<Report.Part> parts = new ArrayList<>();
    for (Check check : checks) {
      try {
        List<Finding> findings = check.look(patient);
        if (!findings.isEmpty()) {
          parts.add(new Report.Part(check.group(), findings));
        }
      } catch (RedisUnavailableException e) {
        parts.add(new Report.Part(check.group(), List.of(unreachable(e))));
        break; // It has been given its time; each further question would take as long again.
      }
    }
    return parts;
  }

  /** The message says what, where and the remedy. */
  private static Finding unreachable(RedisUnavailableException failure) {
    return Finding.error(REACHABLE, String.valueOf(failure.getMessage()), OUTAGE, "");
  }

  private static Finding blind(RedisUnavailableException failure) {
    return Finding.error(
        "observer",
        String.valueOf(failure.getMessage()),
        "nothing can be looked at by the login given for that",
        "correct --admin-url or SLUICE_DOCTOR_ADMIN_URL");
  }

  private static Report report(String redis, Finding finding) {
    return new Report(redis, List.of(part(finding)));
  }

  private static Report.Part part(Finding finding) {
    return new Report.Part("server", List.of(finding));
  }
}
