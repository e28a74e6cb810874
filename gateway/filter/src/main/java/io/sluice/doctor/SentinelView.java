package io.sluice.doctor;

import io.sluice.redis.Console;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.Reply;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What one Sentinel says of a master, as far as the gateways' user may ask it.
 *
 * @param sentinel who says so
 * @param replies what it replies to each of {@link #QUESTIONS}
 */
record SentinelView(RedisAddress sentinel, Map<String, Reply> replies) {

  private static final String MASTER = "MASTER";
  private static final String ADDRESS = "GET-MASTER-ADDR-BY-NAME";
  private static final String REPLICAS = "REPLICAS";
  private static final String OTHERS = "SENTINELS";

  /** All that gateways ask a Sentinel about a master. */
  private static final List<String> QUESTIONS = List.of(MASTER, ADDRESS, REPLICAS, OTHERS);

  private static final Set<String> DOWN = Set.of("s_down", "o_down", "disconnected");

  static SentinelView of(RedisAddress sentinel, String name, Console console) {
    Map<String, Reply> replies = new HashMap<>();
    QUESTIONS.forEach(question -> replies.put(question, console.ask("SENTINEL", question, name)));
    return new SentinelView(sentinel, replies);
  }

  /** Returns whether gateways hear from it who is master. */
  boolean isHeard() {
    return to(MASTER).isGranted() && to(ADDRESS).isGranted() && !named().isEmpty();
  }

  /** Returns whether it says all that it is asked. */
  boolean isWhole() {
    return isHeard() && to(REPLICAS).isGranted() && to(OTHERS).isGranted();
  }

  /** Returns host and port of the server it names; empty where it names none. */
  String named() {
    return String.join(":", to(ADDRESS).list().stream().map(Reply::text).toList());
  }

  /** Returns the rights that are missing to ask what it was asked. */
  List<String> missing() {
    return QUESTIONS.stream()
        .filter(question -> to(question).isForbidden())
        .map(question -> "+sentinel|" + question.toLowerCase(Locale.ROOT))
        .toList();
  }

  /** Returns why it does not tell of the master, to be put behind that; empty where it does. */
  String refusal() {
    return to(MASTER).isGranted() ? "" : ": " + to(MASTER).refusal();
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
    return up(to(OTHERS)).count() + 1;
  }

  /** Returns how many replicas there are, lost ones included. */
  long followers() {
    return number("num-slaves");
  }

  /** Returns how many replicas are up, and may be promoted. */
  long ready() {
    return up(to(REPLICAS)).filter(replica -> !isBarred(replica)).count();
  }

  /** Returns how many replicas are up that Sentinels never promote. */
  long barred() {
    return up(to(REPLICAS)).filter(SentinelView::isBarred).count();
  }

  private Reply to(String question) {
    return replies.getOrDefault(question, Reply.of(null));
  }

  private long number(String field) {
    String text = to(MASTER).fields().getOrDefault(field, "");
    return text.matches("\\d{1,9}") ? Long.parseLong(text) : 0;
  }

  private static Stream<Map<String, String>> up(Reply entries) {
    return entries.list().stream()
        .map(entry -> Reply.of(entry).fields())
        .filter(fields ->
            List.of(fields.getOrDefault("flags", "").split(",")).stream()
                .noneMatch(DOWN::contains));
  }

  /** Sentinels call {@code replica-priority} by its former name. */
  private static boolean isBarred(Map<String, String> replica) {
    return "0".equals(replica.get("slave-priority"));
  }
}
