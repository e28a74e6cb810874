package io.sluice.doctor;

import io.sluice.redis.Console;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.Reply;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The Redis under examination, by two logins: what a gateway may do is tried with its own; all else
 * is looked at with the observer's, which may be the same. Remembers what the observer could not
 * see. For one thread.
 */
final class Patient {

  /** How long probe keys live, in milliseconds. */
  static final String PROBE_MILLIS = "10000";

  private static final int TAGS = 64;

  private final RedisSettings settings;
  private final Console gateway;
  private final Console observer;
  private final Set<String> unseen = new LinkedHashSet<>();
  private final Set<String> unknown = new LinkedHashSet<>();
  private @Nullable Vitals vitals;
  private @Nullable Map<String, String> hello;
  private @Nullable String tag;

  /** Creates one; where there is no second login, both consoles are the same. */
  Patient(RedisSettings settings, Console gateway, Console observer) {
    this.settings = settings;
    this.gateway = gateway;
    this.observer = observer;
  }

  RedisSettings settings() {
    return settings;
  }

  Console gateway() {
    return gateway;
  }

  /** Returns whether somebody else than the gateway's user looks. */
  boolean isObserved() {
    return !observer.equals(gateway);
  }

  /** Returns the ACL user of gateways. */
  String user() {
    return settings.login().user();
  }

  /**
   * Asks as the observer.
   *
   * @param what how a report calls what cannot be seen if the observer must not ask, or Redis has
   *     no such command
   */
  Reply look(String what, String... words) {
    Reply reply = observer.ask(words);
    if (reply.isForbidden()) {
      unseen.add(what);
    } else if (reply.isUnknownCommand()) {
      unknown.add(what);
    }
    return reply;
  }

  /** Returns what the observer was not allowed to see so far. */
  Set<String> unseen() {
    return unseen;
  }

  /** Returns what this Redis has no command to see by so far. */
  Set<String> unknown() {
    return unknown;
  }

  /** Returns what INFO tells; nothing where it does not answer. */
  Vitals vitals() {
    Vitals known = vitals;
    if (known == null) {
      String text = look("INFO (memory, persistence, replicas, clients)", "INFO").text();
      known = Vitals.of(text);
      vitals = known;
    }
    return known;
  }

  /** Returns what HELLO tells, which every user may ask: version, mode, role. */
  Map<String, String> hello() {
    Map<String, String> known = hello;
    if (known == null) {
      known = gateway.ask("HELLO").fields();
      hello = known;
    }
    return known;
  }

  boolean isCluster() {
    return "cluster".equals(hello().get("mode")) || vitals().number("cluster_enabled") == 1;
  }

  boolean isReplica() {
    String role = hello().getOrDefault("role", vitals().text("role"));
    return role.equals("replica") || role.equals("slave");
  }

  /** Returns a setting of the server; empty where it has none, or does not tell. */
  Optional<String> config(String name) {
    return Optional.ofNullable(
        look("CONFIG GET (time-outs, replication, snapshots)", "CONFIG", "GET", name)
            .fields()
            .get(name));
  }

  /**
   * Returns a key to try things with: under our prefix, unlike any that gateways use, and on the
   * server we speak to if that is a member of a cluster.
   */
  String probe(String name) {
    String known = tag;
    if (known == null) {
      known = tagHere();
      tag = known;
    }
    return probe(name, known);
  }

  private String probe(String name, String tag) {
    return probes() + name + ":{" + tag + '}';
  }

  /** Returns what all our probe keys begin with. */
  String probes() {
    return settings.prefix() + "doctor:";
  }

  private String tagHere() {
    String random = Long.toString(ThreadLocalRandom.current().nextLong(1L << 32), 36);
    for (int i = 0; i < TAGS; i++) {
      if (!gateway.ask("GET", probe("probe", random + i)).code().equals("MOVED")) {
        return random + i;
      }
    }
    return random;
  }
}
