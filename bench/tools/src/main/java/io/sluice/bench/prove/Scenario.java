package io.sluice.bench.prove;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.sluice.bench.fleet.Rate;
import io.sluice.limit.BucketKey;
import io.sluice.limit.CallerDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One policy, and the requests that are sent against it.
 *
 * @param name names the policy too
 * @param caller the limit of each caller
 * @param endpoint the limit of each of two endpoints; null where callers are all that is limited
 * @param everybody the limit of all requests together; null with {@code endpoint}
 * @param callers how many callers there are
 * @param decisions how many requests are sent
 */
record Scenario(
    String name,
    Rate caller,
    @Nullable Rate endpoint,
    @Nullable Rate everybody,
    int callers,
    long decisions) {

  /** What all keys in Redis begin with. */
  static final String PREFIX = "proof:";

  private static final String FIELD = "X-Caller";
  private static final CallerDigest DIGEST = new CallerDigest(null);
  private static final List<String> ENDPOINTS = List.of("a", "b");
  private static final long DAY = 86_400;

  /** Slow enough that a bucket is fought over for each token, fast enough that many come back. */
  private static final long HOT_SECONDS = 2;

  /**
   * Returns the twelve: limits of 5, 20 and 200,000; many callers and one; one limit and three. The
   * hot 200,000 gets more of the requests, so that two million exhaust it.
   */
  static List<Scenario> all(long decisions) {
    List<Scenario> all = new ArrayList<>();
    for (long limit : new long[] {5, 20, 200_000}) {
      boolean small = limit <= 20;
      for (boolean three : new boolean[] {false, true}) {
        all.add(cold(limit, three, part(decisions, small ? 10 : 15)));
        all.add(hot(limit, three, part(decisions, small ? 10 : 45)));
      }
    }
    return all;
  }

  private static long part(long decisions, int of200) {
    return Math.max(1, decisions * of200 / 200);
  }

  /**
   * So many callers that all together may have half of what they ask for; an eighth of them asks
   * for half of it. With three limits each refuses requests that the other two would grant: first
   * the busy callers run out, then the endpoint that is asked twice as often, then all together.
   */
  private static Scenario cold(long limit, boolean three, long decisions) {
    int callers = limit > 20 ? 1_000 : (int) Math.max(1, decisions / (2 * limit));
    return new Scenario(
        name("cold", limit, three),
        new Rate(limit, DAY),
        three ? new Rate(Math.max(1, decisions / 5), DAY) : null,
        three ? new Rate(Math.max(1, decisions * 7 / 20), DAY) : null,
        callers,
        decisions);
  }

  private static Scenario hot(long limit, boolean three, long decisions) {
    long seconds = limit > 20 ? DAY : HOT_SECONDS;
    return new Scenario(
        name("hot", limit, three),
        new Rate(limit, seconds),
        three ? new Rate(limit * 3 / 5, seconds) : null,
        three ? new Rate(limit, seconds) : null,
        1,
        decisions);
  }

  private static String name(String kind, long limit, boolean three) {
    return "%s-%d-%s".formatted(kind, limit, three ? "three" : "one");
  }

  /** Returns one that nothing limits, to warm the gateways up. */
  static Scenario warmUp(long decisions) {
    Rate wide = new Rate(1_000_000_000, 1);
    return new Scenario("warm-up", wide, wide, wide, 1_000, decisions);
  }

  /** Returns the policy's file. Without Redis it refuses, so nothing is ever decided locally. */
  String policy() {
    StringBuilder limits = new StringBuilder();
    limits.append(
        "  { id = caller, key = header.%s, rate = %s }\n".formatted(FIELD, caller.text()));
    if (endpoint != null) {
      limits.append("  { id = endpoint, key = route, rate = %s }\n".formatted(endpoint.text()));
    }
    if (everybody != null) {
      limits.append("  { id = everybody, key = global, rate = %s }\n".formatted(everybody.text()));
    }
    return "match = [\"%s\", \"%s\"]\nlimits = [\n%s]\non-outage = deny\n"
        .formatted(pattern(0), pattern(1), limits);
  }

  /**
   * Returns the caller of a request: one of the busy eighth every other time. Requests that follow
   * one another have the same.
   */
  int callerOf(long request, int inARow) {
    long turn = request / inARow;
    int busy = Math.max(1, callers / 8);
    return (int) (turn / 2 % (turn % 2 == 0 ? busy : callers));
  }

  /** Returns the endpoint of a request: 0 twice as often as 1. */
  static int endpointOf(long request) {
    return request % 3 == 0 ? 1 : 0;
  }

  /** Returns the octets of a request. */
  byte[] request(int caller, int endpoint) {
    return "GET /%s/%s/item HTTP/1.1\r\nHost: proof\r\n%s: %s\r\n\r\n"
        .formatted(name, ENDPOINTS.get(endpoint), FIELD, callerName(caller))
        .getBytes(US_ASCII);
  }

  /** Returns what clients know of every bucket that this scenario may charge. */
  List<Tally> tallies(Counts counts) {
    List<Tally> all = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      String key = key("caller", "header." + FIELD, callerName(i));
      all.add(counts.callers().tally("caller", key, caller, i));
    }
    if (endpoint != null) {
      for (int i = 0; i < ENDPOINTS.size(); i++) {
        String key = key("endpoint", "route", pattern(i));
        all.add(counts.endpoints().tally("endpoint", key, endpoint, i));
      }
    }
    if (everybody != null) {
      String key = key("everybody", "global", "");
      all.add(counts.everybody().tally("everybody", key, everybody, 0));
    }
    return all;
  }

  /** Returns what the keys of this scenario's buckets begin with. */
  String keyPrefix() {
    return PREFIX + name + ":";
  }

  private String key(String limit, String part, String value) {
    String who = DIGEST.of("%s=%d:%s;".formatted(part, value.length(), value));
    return new BucketKey(name, limit, who).inRedis(PREFIX);
  }

  private String pattern(int endpoint) {
    return "/" + name + "/" + ENDPOINTS.get(endpoint) + "/**";
  }

  private static String callerName(int caller) {
    return "caller-" + caller;
  }
}
