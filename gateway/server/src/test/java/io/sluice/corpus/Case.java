package io.sluice.corpus;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One case of the corpus.
 *
 * @param family the file it stands in, without {@code .txt}
 * @param name what it shows
 * @param rfc the sections that decide it
 * @param request what the client sends, in pieces with a short pause between them
 * @param answer what the upstream answers; empty where it answers by itself
 * @param keys all other lines, by their key; see {@code corpus/README.md}
 */
record Case(
    String family,
    String name,
    String rfc,
    List<byte[]> request,
    List<byte[]> answer,
    Map<String, List<String>> keys) {

  /** The longest pause between two pieces. */
  static final int PAUSE_MILLIS = 20;

  /** Returns whether the upstream's answer is what is tried. */
  boolean isAnswerCase() {
    return !answer.isEmpty();
  }

  /** Returns the only value of a key, or what is usual. */
  String one(String key, String usual) {
    return keys.getOrDefault(key, List.of(usual)).get(0);
  }

  List<String> all(String key) {
    return keys.getOrDefault(key, List.of());
  }

  boolean has(String key) {
    return keys.containsKey(key);
  }

  /** Returns whether silence decides it, so that it wants a target with short time limits. */
  boolean wantsShortLimits() {
    return has("short");
  }

  /** Returns whether only our own policy decides it, not the RFC. */
  boolean isOursOnly() {
    return has("ours-only");
  }

  /** Returns the case for a gateway that may hang up instead of saying that its upstream failed. */
  Case withLeaveToHangUp() {
    if (!isAnswerCase() || !has("client")) {
      return this;
    }
    Map<String, List<String>> lenient = new HashMap<>(keys);
    lenient.put("client", List.of(one("client", "").replaceAll("50[24]", "$0 closed")));
    return new Case(family, name, rfc, request, answer, lenient);
  }

  @Override
  public String toString() {
    return family + ": " + name;
  }
}
