package io.sluice.doctor;

import io.sluice.redis.Console;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What one Sentinel says of a master, as far as the gateways' user may ask it.
 *
 * @param sentinel who says so
 * @param master its reply to SENTINEL MASTER
 * @param address its reply to SENTINEL GET-MASTER-ADDR-BY-NAME
 * @param replicas its reply to SENTINEL REPLICAS
 * @param others its reply to SENTINEL SENTINELS
 */
record SentinelView(
    RedisAddress sentinel, Reply master, Reply address, Reply replicas, Reply others) {

  private static final Set<String> DOWN = Set.of("s_down", "o_down", "disconnected");

  /** Asks all that gateways ask. */
  static SentinelView of(RedisAddress sentinel, String name, Console console) {
    return new SentinelView(
        sentinel,
        console.ask("SENTINEL", "MASTER", name),
        console.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name),
        console.ask("SENTINEL", "REPLICAS", name),
        console.ask("SENTINEL", "SENTINELS", name));
  }

  /** Returns whether gateways hear from it who is master. */
  boolean isHeard() {
    return master.isGranted() && address.isGranted() && !named().isEmpty();
  }

  /** Returns whether it says all that it is asked. */
  boolean isWhole() {
    return isHeard() && replicas.isGranted() && others.isGranted();
  }

  /** Returns host and port of the server it names; empty where it names none. */
  String named() {
    return String.join(":", address.list().stream().map(Reply::text).toList());
  }

  /** Returns the rights that are missing to ask what it was asked. */
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    missing.addAll(missing("get-master-addr-by-name", address));
    missing.addAll(missing("master", master));
    missing.addAll(missing("replicas", replicas));
    missing.addAll(missing("sentinels", others));
    return missing;
  }

  private static List<String> missing(String question, Reply reply) {
    return reply.isForbidden() ? List.of("+sentinel|" + question) : List.of();
  }

  /** Returns how many Sentinels have to agree that the master is down. */
  long quorum() {
    return number("quorum");
  }

  /** Returns how many Sentinels there are, itself and lost ones included. */
  long all() {
    return number("num-other-sentinels") + 1;
  }

  /** Returns how many Sentinels are up, itself included. */
  long up() {
    return up(others) + 1;
  }

  /** Returns how many replicas there are, lost ones included. */
  long followers() {
    return number("num-slaves");
  }

  /** Returns how many replicas are up. */
  long ready() {
    return up(replicas);
  }

  private long number(String field) {
    String text = master.fields().getOrDefault(field, "");
    return text.matches("\\d{1,9}") ? Long.parseLong(text) : 0;
  }

  private static long up(Reply entries) {
    return entries.list().stream()
        .map(entry -> Reply.of(entry).fields().getOrDefault("flags", ""))
        .filter(flags -> Set.of(flags.split(",")).stream().noneMatch(DOWN::contains))
        .count();
  }
}
