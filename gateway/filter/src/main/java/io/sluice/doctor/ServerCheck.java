package io.sluice.doctor;

import io.sluice.redis.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which server it is: its version, its role, and that both logins lead to the same one. */
final class ServerCheck implements Check {

  private static final String TESTED = "7.0";
  private static final int OLDEST = 5;
  private static final Pattern VERSION = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})\\..*");

  @Override
  public String group() {
    return "server";
  }

  @Override
  public List<Finding> look(Patient patient) {
    List<Finding> findings = new ArrayList<>();
    findings.add(Finding.ok("reachable", "answers, and takes the login of user " + patient.user()));
    findings.add(version(patient));
    findings.add(role(patient));
    if (patient.isObserved() && !isOneServer(patient)) {
      findings.add(
          Finding.error(
              "observer",
              "the login given to look with leads to another Redis than the gateways'",
              "what follows is not about the Redis that decides",
              "name the same host, port and database in --admin-url"));
    }
    return findings;
  }

  private static Finding version(Patient patient) {
    String version = patient.hello().getOrDefault("version", "");
    if (version.isEmpty()) {
      version = patient.vitals().text("redis_version");
    }
    Matcher parts = VERSION.matcher(version);
    if (!parts.matches()) {
      return Finding.note(
          "version",
          "does not tell its version",
          "Sluice needs Redis 5 or newer",
          "let the user run HELLO or INFO");
    }
    String name = patient.hello().getOrDefault("server", "redis") + " " + version;
    if (Integer.parseInt(parts.group(1)) < OLDEST) {
      return Finding.error(
          "version",
          name,
          "before Redis 5 a script that asks for the time must not write: no decision succeeds",
          "upgrade to Redis " + TESTED);
    }
    return version.startsWith(TESTED + ".")
        ? Finding.ok("version", name)
        : Finding.note(
            "version",
            name,
            "Redis 5 and newer have all it takes; tested is " + TESTED,
            "try an upgrade of either side before production");
  }

  private static Finding role(Patient patient) {
    return patient.isReplica()
        ? Finding.error(
            "role",
            "is a replica",
            "a decision is a write, which replicas refuse: every gateway acts as in an outage",
            "point redis.host to the master, or name the Sentinels")
        : Finding.ok("role", "is a master");
  }

  /** What one login writes the other must find. Where either may not, nothing is known. */
  private static boolean isOneServer(Patient patient) {
    String key = patient.probe("observer");
    Reply written = patient.gateway().ask("SET", key, "1", "PX", Patient.PROBE_MILLIS);
    if (!written.isGranted()) {
      return true;
    }
    Reply found = patient.look("GET of our own keys", "GET", key);
    return !found.isGranted() || found.text().equals("1");
  }
}
