package io.sluice.bench.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.sluice.bench.fleet.Rate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One policy and those who ask under it: many now and then, a few all the time.
 *
 * @param name names the policy and its path
 * @param method GET or POST
 * @param caller the limit of each caller
 * @param everybody the limit of all of them together; null where there is none
 * @param onOutage what happens while Redis is away: local, allow or deny
 * @param casual callers who ask now and then
 * @param hot callers who ask far more than their limit
 * @param percent share of all requests
 * @param hotPercent share of these that the hot callers send
 */
record Traffic(
    String name,
    String method,
    Rate caller,
    @Nullable Rate everybody,
    String onOutage,
    int casual,
    int hot,
    int percent,
    int hotPercent) {

  /** What all keys in Redis begin with. */
  static final String PREFIX = "soak:";

  private static final String FIELD = "X-Caller";
  private static final Rate TWENTY = new Rate(20, 60);
  private static final Rate THIRTY = new Rate(30, 60);

  /** Two hot callers and the limit of all fight for each token, and refill matters all the time. */
  private static final Traffic FEED =
      new Traffic("feed", "GET", new Rate(50, 1), new Rate(90, 1), "local", 20, 2, 40, 90);

  /** Returns the five: as of a chat, a search and a feed, one that lets pass, one that refuses. */
  static List<Traffic> all() {
    return List.of(
        new Traffic("chat", "POST", TWENTY, null, "local", 500, 5, 25, 50),
        new Traffic("search", "GET", THIRTY, null, "local", 500, 5, 20, 50),
        FEED,
        new Traffic("lenient", "POST", THIRTY, null, "allow", 100, 2, 8, 50),
        new Traffic("strict", "GET", THIRTY, null, "deny", 100, 2, 7, 50));
  }

  /** Returns how many callers there are; the hot ones have the first numbers. */
  int callers() {
    return hot + casual;
  }

  /** Returns the policy's file. */
  String policy() {
    String more =
        everybody == null
            ? ""
            : "  { id = everybody, key = global, rate = %s }\n".formatted(everybody.text());
    return "match = \"/%s/**\"\nlimits = [\n  { id = caller, key = header.%s, rate = %s }\n%s]\non-outage = %s\n"
        .formatted(name, FIELD, caller.text(), more, onOutage);
  }

  /**
   * Returns the octets of a request.
   *
   * @param content how much content a POST carries
   * @param last whether the connection is to be closed after it
   */
  byte[] request(int number, int content, boolean last) {
    String close = last ? "Connection: close\r\n" : "";
    String head =
        "%s /%s/item HTTP/1.1\r\nHost: soak\r\n%s: %s-%d\r\n%s"
            .formatted(method, name, FIELD, name, number, close);
    String rest =
        method.equals("POST")
            ? "Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(content, "x".repeat(content))
            : "\r\n";
    return (head + rest).getBytes(US_ASCII);
  }

  /**
   * Returns what is wrong with an answer; null where it is one of those that this policy gives.
   *
   * @param fields its status line and fields in lower case
   */
  @Nullable String complaint(int status, String fields, String content) {
    boolean explained =
        switch (status) {
          case 200 -> content.equals("ok");
          case 429 ->
              fields.contains("\r\nretry-after: ")
                  && fields.contains("\r\nratelimit: ")
                  && content.contains("#quota-exceeded");
          case 503 ->
              onOutage.equals("deny")
                  && fields.contains("\r\nretry-after: 1\r\n")
                  && fields.contains("\r\ncontent-type: application/problem+json")
                  && content.contains("#temporary-reduced-capacity")
                  && content.contains("cannot be counted at the moment");
          default -> false;
        };
    return explained ? null : "%s answered %d: %s%s".formatted(name, status, fields, content);
  }
}
