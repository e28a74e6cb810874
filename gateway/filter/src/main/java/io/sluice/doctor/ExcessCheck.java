package io.sluice.doctor;

import io.sluice.redis.Reply;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the gateways' user may do more than a gateway needs. Nothing dangerous is tried: Redis is
 * asked what it would allow (ACL DRYRUN), and where nobody may ask that, some harmless readings are
 * tried.
 */
final class ExcessCheck implements Check {

  private static final String NAME = "rights-excess";
  private static final String FOREIGN = "sluice-doctor-foreign-key";

  private static final List<List<String>> DANGERS =
      List.of(
          List.of("FLUSHALL"),
          List.of("KEYS", "*"),
          List.of("CONFIG", "GET", "requirepass"),
          List.of("CONFIG", "SET", "maxmemory", "0"),
          List.of("ACL", "SETUSER", "nobody"),
          List.of("REPLICAOF", "NO", "ONE"),
          List.of("MONITOR"),
          List.of("SHUTDOWN"));

  @Override
  public String group() {
    return "rights";
  }

  @Override
  public List<Finding> look(Patient patient) {
    String foreign = patient.settings().prefix().startsWith(FOREIGN) ? "x" + FOREIGN : FOREIGN;
    boolean asked = asksRedis(patient);
    List<String> excess = asked ? dryRun(patient, foreign) : tried(patient, foreign);
    if (!excess.isEmpty()) {
      return List.of(
          Finding.warning(
              NAME,
              "user %s may also: %s".formatted(patient.user(), String.join(", ", excess)),
              "whoever gets hold of a gateway, or its password, may undo limits or read foreign keys",
              "give gateways a user of their own with the rights of docker/redis/users.acl"));
    }
    return asked
        ? List.of(Finding.ok(NAME, "may do no more than that"))
        : List.of(Finding.ok(NAME, "may not read foreign keys or the server's settings"));
  }

  private static boolean asksRedis(Patient patient) {
    return isAllowed(
        patient.look(
            "ACL DRYRUN (rights in excess)", "ACL", "DRYRUN", patient.user(), "EVAL", "", "0"));
  }

  private static List<String> dryRun(Patient patient, String foreign) {
    List<String> excess = new ArrayList<>();
    for (List<String> danger : DANGERS) {
      if (isAllowed(dryRun(patient, danger))) {
        excess.add(name(danger));
      }
    }
    if (isAllowed(dryRun(patient, List.of("GET", foreign)))) {
      excess.add("read keys outside " + patient.settings().prefix());
    }
    if (isAllowed(dryRun(patient, List.of("SET", foreign, "1")))) {
      excess.add("write keys outside " + patient.settings().prefix());
    }
    return excess;
  }

  private static Reply dryRun(Patient patient, List<String> command) {
    List<String> words = new ArrayList<>(List.of("ACL", "DRYRUN", patient.user()));
    words.addAll(command);
    return patient.look("ACL DRYRUN (rights in excess)", words.toArray(String[]::new));
  }

  /** A refusal is no error here but a sentence. */
  private static boolean isAllowed(Reply reply) {
    return reply.isGranted() && reply.text().equals("OK");
  }

  private static List<String> tried(Patient patient, String foreign) {
    List<String> excess = new ArrayList<>();
    Reply read = patient.gateway().ask("GET", foreign);
    if (read.isGranted() || read.code().equals("MOVED")) { // Rights come before places.
      excess.add("read keys outside " + patient.settings().prefix());
    }
    if (patient.gateway().ask("CONFIG", "GET", "maxmemory").isGranted()) {
      excess.add("CONFIG GET");
    }
    return excess;
  }

  private static String name(List<String> command) {
    String first = command.get(0);
    return first.equals("CONFIG") || first.equals("ACL") ? first + ' ' + command.get(1) : first;
  }
}
