package io.sluice.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Holds what client and upstream saw against the verdict of a case. */
final class Judge {

  /** Stands in requests that nobody sent as such. */
  private static final String SMUGGLED = "smuggled";

  private final Case tried;
  private final List<Received> received;
  private final List<Seen> seen;
  private final List<String> violations = new ArrayList<>();

  Judge(Case tried, List<Received> received, List<Seen> seen) {
    this.tried = tried;
    this.received = received;
    this.seen = seen;
  }

  /** Returns, for each answer in order, the words that are allowed for it. */
  static List<List<String>> groups(Case tried) {
    List<List<String>> groups = new ArrayList<>();
    for (String group : tried.one("client", "").split(",", -1)) {
      groups.add(List.of(group.strip().split(" +")));
    }
    return groups;
  }

  List<String> violations() {
    judgeClient();
    judgeAnswers();
    judgeUpstreamAlways();
    for (String expected : tried.all("upstream")) {
      judgeUpstream(expected);
    }
    return violations;
  }

  private void judgeClient() {
    List<List<String>> groups = groups(tried);
    for (int i = 0; i < received.size(); i++) {
      Received got = received.get(i);
      if (i < groups.size() && tried.has("client")) {
        List<String> allowed = groups.get(i);
        String family = got.word().charAt(0) + "xx";
        require(
            allowed.contains(got.word()) || allowed.contains(family),
            "the client got " + got + ", not one of " + allowed);
      }
      if (got.head() != null) {
        got.head().answerFaults().forEach(fault -> require(false, "to the client: " + fault));
      }
      require(!got.body().contains(SMUGGLED + "-answer"), "a smuggled answer: " + got);
    }
    boolean refused = received.stream().anyMatch(got -> got.status() >= 400);
    if (tried.has("client") && !received.isEmpty() && !refused) {
      require(received.size() >= groups.size(), "only " + received.size() + " answers came");
    }
  }

  private void judgeAnswers() {
    for (Received got : received) {
      if (got.head() == null || got.status() / 100 > 3) {
        continue;
      }
      String body = tried.has("body") ? text(tried.one("body", "")) : null;
      if (body != null && got.kind() == Received.Kind.WHOLE) {
        require(got.body().equals(body), "the answer looks whole: " + got);
      }
      if (body != null && got.kind() != Received.Kind.WHOLE) {
        require(body.startsWith(got.body()), "other content: " + got);
      }
      for (String name : names(tried.all("has"))) {
        List<String> values = valuesOf(tried.all("has"), name);
        require(
            got.head().values(name).equals(values),
            "the answer's " + name + " is " + got.head().values(name) + ", not " + values);
      }
      for (String name : tried.all("lacks")) {
        require(got.head().values(name).isEmpty(), "the answer has " + name);
      }
    }
  }

  /** What holds in every case. */
  private void judgeUpstreamAlways() {
    for (Seen request : seen) {
      require(
          !request.head().startLine().contains(SMUGGLED), "the upstream got a smuggled request");
      request.faults().forEach(fault -> require(false, "to the upstream: " + fault));
    }
    if (!received.isEmpty() && received.get(0).status() / 100 == 2) {
      require(!seen.isEmpty(), "an answer, and nothing reached the upstream");
    }
  }

  private void judgeUpstream(String expected) {
    String[] words = expected.split(" ", 2);
    String rest = words.length < 2 ? "" : words[1];
    switch (words[0]) {
      case "nothing" -> require(seen.isEmpty(), "the upstream got " + lines());
      case "whole" -> judgeWhole(rest);
      case "line" -> each(request -> request.head().startLine().equals(text(rest)), expected);
      case "has" -> {
        String[] field = rest.split(": *", 2);
        each(request -> request.head().values(field[0]).equals(List.of(text(field[1]))), expected);
      }
      case "has-all" -> {
        String[] field = rest.split(": *", 2);
        List<String> values = List.of(text(field[1]).split("\\|"));
        each(request -> request.head().values(field[0]).equals(values), expected);
      }
      case "lacks" -> each(request -> request.head().values(rest).isEmpty(), expected);
      case "body" -> each(request -> request.body().equals(text(rest)), expected);
      default -> throw new IllegalArgumentException(tried + ": upstream: " + expected);
    }
  }

  private void judgeWhole(String range) {
    String[] ends = range.split("\\.\\.");
    int least = Integer.parseInt(ends[0]);
    int most = Integer.parseInt(ends[ends.length - 1]);
    long whole = seen.stream().filter(Seen::isWhole).count();
    require(
        whole >= least && whole <= most,
        "the upstream got " + whole + " whole requests, not " + range + ": " + lines());
  }

  private interface Test {
    boolean holds(Seen request);
  }

  private void each(Test test, String expected) {
    for (Seen request : seen) {
      require(
          test.holds(request),
          "the upstream got " + request.head().text() + request.body() + ", not: " + expected);
    }
  }

  private String lines() {
    return seen.stream().map(request -> request.head().startLine()).toList().toString();
  }

  private static Set<String> names(List<String> fields) {
    Set<String> names = new LinkedHashSet<>();
    fields.forEach(field -> names.add(field.split(":", 2)[0]));
    return names;
  }

  private static List<String> valuesOf(List<String> fields, String name) {
    return fields.stream()
        .filter(field -> field.startsWith(name + ":"))
        .map(field -> text(field.substring(name.length() + 1).strip()))
        .toList();
  }

  private static String text(String notation) {
    return new String(Octets.of(notation), ISO_8859_1);
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      violations.add(Octets.shown(otherwise));
    }
  }
}
