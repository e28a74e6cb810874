package io.sluice.doctor;

import io.sluice.redis.RedisTopology;
import io.sluice.redis.Reply;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whether the gateways' user may do all that a gateway does: each thing is tried, on probe keys.
 */
final class RightsCheck implements Check {

  private static final String UNKNOWN_DIGEST = "0".repeat(40);

  /** An unknown digest is what was asked for; replicas and clusters are judged by other checks. */
  private static final Set<String> TOLD_ELSEWHERE =
      Set.of("NOSCRIPT", "READONLY", "MOVED", "ASK", "CLUSTERDOWN");

  private static final String WRITE = "return redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])";

  @Override
  public String group() {
    return "rights";
  }

  /**
   * Returns each command that gateways send or run in a script, in a form that does no harm. A test
   * holds this list to the sources.
   */
  static List<List<String>> commands(String key) {
    return List.of(
        List.of("EVAL", "return 1", "0"),
        List.of("EVALSHA", UNKNOWN_DIGEST, "0"),
        List.of("TIME"),
        List.of("SET", key, "1", "PX", Patient.PROBE_MILLIS),
        List.of("GET", key),
        List.of("MGET", key),
        List.of("ZADD", key + "-set", "1", "probe"),
        List.of("PEXPIRE", key + "-set", Patient.PROBE_MILLIS),
        List.of("ZREMRANGEBYSCORE", key + "-set", "-inf", "0"),
        List.of("ZCARD", key + "-set"),
        List.of("ZREM", key + "-set", "probe"),
        List.of("DEL", key),
        List.of("EVAL", WRITE, "1", key, Patient.PROBE_MILLIS));
  }

  private static List<List<String>> commands(Patient patient) {
    List<List<String>> commands = new ArrayList<>(commands(patient.probe("rights")));
    if (patient.settings().topology() instanceof RedisTopology.Cluster) {
      commands.add(List.of("CLUSTER", "SLOTS"));
      commands.add(List.of("ASKING"));
    }
    return commands;
  }

  @Override
  public List<Finding> look(Patient patient) {
    Set<String> missing = new LinkedHashSet<>();
    Set<String> unknown = new LinkedHashSet<>();
    Set<String> refusing = new LinkedHashSet<>();
    List<Finding> findings = new ArrayList<>();
    for (List<String> command : commands(patient)) {
      Reply reply = patient.gateway().ask(command.toArray(String[]::new));
      String name = command.get(0).equals("CLUSTER") ? "CLUSTER|" + command.get(1) : command.get(0);
      if (reply.isForbidden()) {
        missing.add(right(patient, name, String.valueOf(reply.refusal())));
      } else if (reply.isUnknownCommand()) {
        unknown.add(name);
      } else if (isTrouble(reply) && refusing.add(reply.code())) {
        findings.add(refused(name, reply));
      }
    }
    if (!unknown.isEmpty()) {
      findings.add(
          Finding.error(
              "commands",
              "does not know " + String.join(", ", unknown),
              "no decision can be made there",
              "undo its rename-command, or take a Redis that has them"));
    }
    if (!missing.isEmpty()) {
      // A script that may not do what its caller may not: said already.
      return List.of(
          Finding.error(
              "rights-missing",
              "user %s has no right to %s".formatted(patient.user(), String.join(" ", missing)),
              "gateways do this for every decision: each acts as in an outage",
              "ACL SETUSER %s %s, and the same in the ACL file"
                  .formatted(patient.user(), String.join(" ", missing))));
    }
    return findings.isEmpty()
        ? List.of(Finding.ok("rights-missing", "may do all that a gateway does"))
        : findings;
  }

  private static String right(Patient patient, String command, String refusal) {
    return refusal.contains(" key")
        ? "~" + patient.settings().prefix() + "*"
        : "+" + command.toLowerCase(Locale.ROOT);
  }

  private static boolean isTrouble(Reply reply) {
    return !reply.isGranted() && !TOLD_ELSEWHERE.contains(reply.code());
  }

  private static Finding refused(String command, Reply reply) {
    return Finding.error(
        "writes",
        "answers to " + command + ": " + reply.refusal(),
        "no decision can be made there: every gateway acts as in an outage",
        String.valueOf(reply.remedy()));
  }
}
