package io.sluice.doctor;

import io.sluice.redis.Console;
import io.sluice.redis.LettuceConsole;
import io.sluice.redis.RedisSettings;
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
  public Report examine(RedisSettings gateway, @Nullable RedisSettings observer, Duration patience) {
    if (!gateway.enabled()) {
      return report(
          "no Redis",
          Finding.ok(
              "enabled", "redis.enabled is false: each gateway keeps buckets of its own, by choice"));
    }
    try (Console own = LettuceConsole.open(gateway, patience)) {
      return observer == null
          ? examine(new Patient(gateway, own, own))
          : examine(gateway, own, observer, patience);
    } catch (RedisUnavailableException e) {
      return report(gateway.toString(), unreachable(e));
    }
  }

  private Report examine(
      RedisSettings gateway, Console own, RedisSettings observer, Duration patience) {
    try (Console other = LettuceConsole.open(observer, patience)) {
      return examine(new Patient(gateway, own, other));
    } catch (RedisUnavailableException e) {
      List<Report.Part> parts = new ArrayList<>();
      parts.add(
          part(
              Finding.error(
                  "observer",
                  String.valueOf(e.getMessage()),
                  "nothing can be looked at by the login given for that",
                  "correct --redis-url or SLUICE_DOCTOR_REDIS_URL")));
      Report rest = examine(new Patient(gateway, own, own));
      parts.addAll(rest.parts());
      return new Report(rest.redis(), parts);
    }
  }

  /** Looks at everything over connections that stand. */
  Report examine(Patient patient) {
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
    return new Report(patient.gateway().target(), parts);
  }

  /** The message says what, where and the remedy. */
  private static Finding unreachable(RedisUnavailableException failure) {
    return Finding.error(REACHABLE, String.valueOf(failure.getMessage()), OUTAGE, "");
  }

  private static Report report(String redis, Finding finding) {
    return new Report(redis, List.of(part(finding)));
  }

  private static Report.Part part(Finding finding) {
    return new Report.Part("server", List.of(finding));
  }
}
