package io.sluice.doctor;

import java.util.ArrayList;
import java.util.List;

/** Whether gateways get a connection and keep it. */
final class ClientsCheck implements Check {

  private static final String CLIENTS = "max-clients";
  private static final double TIGHT = 0.8;

  /** Gateways ask for the time once a second; one that does not answer twice is slow. */
  private static final long SHORTEST_IDLE = 3;

  @Override
  public String group() {
    return "clients";
  }

  @Override
  public List<Finding> look(Patient patient) {
    List<Finding> findings = new ArrayList<>();
    Vitals vitals = patient.vitals();
    if (vitals.number("maxclients") > 0) {
      findings.add(clients(vitals));
    }
    patient.config("timeout").map(ClientsCheck::idle).ifPresent(findings::add);
    patient.config("tcp-keepalive").map(ClientsCheck::keepalive).ifPresent(findings::add);
    return findings;
  }

  private static Finding clients(Vitals vitals) {
    long connected = vitals.number("connected_clients");
    long most = vitals.number("maxclients");
    String seen = "%d of %s connected".formatted(connected, Figures.count(most, "client"));
    return connected > most * TIGHT
        ? Finding.warning(
            CLIENTS,
            seen,
            "beyond, Redis turns connections away: a gateway that reconnects stays on local buckets",
            "raise maxclients, or see in CLIENT LIST who leaves connections open")
        : Finding.ok(CLIENTS, seen);
  }

  private static Finding idle(String seconds) {
    String seen = "timeout is " + seconds;
    return seconds.matches("[1-9][0-9]{0,8}") && Long.parseLong(seconds) < SHORTEST_IDLE
        ? Finding.warning(
            "idle-timeout",
            seen,
            "Redis cuts connections that are idle for so many seconds; a gateway asks once a second",
            "timeout 0, or a minute and more")
        : Finding.ok("idle-timeout", seen);
  }

  private static Finding keepalive(String seconds) {
    String seen = "tcp-keepalive is " + seconds;
    return seconds.equals("0")
        ? Finding.note(
            "keepalive",
            seen,
            "connections of gateways that vanished stay for ever and count towards maxclients",
            "tcp-keepalive 60")
        : Finding.ok("keepalive", seen);
  }
}
