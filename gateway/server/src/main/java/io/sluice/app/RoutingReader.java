package io.sluice.app;

import io.sluice.balance.GroupSettings;
import io.sluice.config.Nearest;
import io.sluice.config.Patterns;
import io.sluice.config.Section;
import io.sluice.policy.RoutePattern;
import io.sluice.policy.RoutePattern.Segment;
import io.sluice.request.CanonicalPath;
import io.sluice.request.PathRules;
import io.sluice.request.RefusedPathException;
import io.sluice.route.RouteSettings;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.UpstreamSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the routes of a gateway.conf, and says of each that no request can reach why that is so.
 * For one thread at a time.
 */
final class RoutingReader {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(24);

  private enum EncodedSlash {
    REFUSE,
    PASS
  }

  /** A pattern that has been read, and where. */
  private record Written(RoutePattern pattern, int line) {}

  private final Section root;
  private final PathRules rules;
  private final Map<String, GroupSettings> upstreams;
  private final TimeLimits usual;
  private final List<Written> written = new ArrayList<>();

  private RoutingReader(Section root, UpstreamSettings base, PathRules rules) {
    this.root = root;
    this.rules = rules;
    this.upstreams = new UpstreamsReader(root, base).read();
    this.usual = limits(root.section("timeouts"), base.limits());
  }

  /**
   * Reads the blocks about routes and upstreams. Whatever is wrong is added to the file's problems.
   *
   * @param base the settings of the upstream in the short form
   */
  static RoutingConfig read(Section root, UpstreamSettings base, PathRules rules) {
    return new RoutingReader(root, base, rules).read();
  }

  private RoutingConfig read() {
    List<RouteSettings> routes = new ArrayList<>();
    for (Section block : root.sections("routes")) {
      routes.add(route(block));
    }
    RouteSettings otherwise =
        upstreams.containsKey(RoutingConfig.DEFAULT)
            ? new RouteSettings(List.of(), RoutingConfig.DEFAULT, 0, rules.encodedSlash(), usual)
            : null;
    warnOfUnused(routes);
    List<GroupSettings> groups =
        upstreams.values().stream().map(group -> patient(group, routes)).toList();
    return new RoutingConfig(groups, routes, otherwise);
  }

  private RouteSettings route(Section block) {
    PathRules own =
        new PathRules(
            rules.foldCase(),
            rules.foldTrailingSlash(),
            block.has("encoded-slash")
                ? block.choice("encoded-slash", EncodedSlash.class) == EncodedSlash.PASS
                : rules.encodedSlash());
    List<RoutePattern> match = Patterns.of(block, own);
    reachable(block, match);
    return new RouteSettings(
        match,
        upstream(block),
        stripped(block, match, own),
        own.encodedSlash(),
        limits(block.section("timeouts"), usual));
  }

  private void reachable(Section block, List<RoutePattern> match) {
    int line = block.line("match");
    for (RoutePattern pattern : match) {
      for (Written before : written) {
        if (before.pattern.coversSameAs(pattern)) {
          block.problem("match", "stands in line %d already".formatted(before.line));
          break;
        }
        if (before.pattern.coversAll(pattern)) {
          block.problem(
              "match",
              "no request reaches \"%s\": \"%s\" in line %d covers it; write the narrower one first"
                  .formatted(pattern.text(), before.pattern.text(), before.line));
          break;
        }
      }
    }
    match.forEach(pattern -> written.add(new Written(pattern, line)));
  }

  private String upstream(Section block) {
    if (!block.has("upstream") && upstreams.containsKey(RoutingConfig.DEFAULT)) {
      return RoutingConfig.DEFAULT;
    }
    String name = block.optional("upstream").orElse("");
    if (!block.has("upstream")) {
      block.problem("upstream", "missing: expected " + Nearest.expected(name, upstreams.keySet()));
    } else if (!name.isEmpty() && !upstreams.containsKey(name)) {
      block.problem(
          "upstream",
          upstreams.isEmpty()
              ? "there is no upstream: expected upstreams { %s { urls = [...] } }".formatted(name)
              : "expected " + Nearest.expected(name, upstreams.keySet()));
    }
    return name;
  }

  /** Returns how many segments are stripped: none after an error. */
  private static int stripped(Section block, List<RoutePattern> match, PathRules rules) {
    String prefix = block.optional("strip-prefix").orElse(null);
    if (prefix == null) {
      return 0;
    }
    List<Segment> segments = segments(block, prefix, rules);
    for (RoutePattern pattern : match) {
      List<Segment> path = pattern.segments();
      if (path.size() < segments.size() || !path.subList(0, segments.size()).equals(segments)) {
        block.problem(
            "strip-prefix",
            "\"%s\" does not begin with it%s".formatted(pattern.text(), hint(prefix, path)));
        return 0;
      }
    }
    return segments.size();
  }

  private static List<Segment> segments(Section block, String prefix, PathRules rules) {
    try {
      String bare = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
      List<String> read = CanonicalPath.of(bare, rules).segments();
      return read.stream().<Segment>map(Segment.Literal::new).toList();
    } catch (RefusedPathException e) {
      block.problem("strip-prefix", "expected leading segments of the path, like /api");
      return List.of();
    }
  }

  private static String hint(String prefix, List<Segment> path) {
    List<String> known = new ArrayList<>();
    StringBuilder beginning = new StringBuilder();
    for (Segment segment : path) {
      if (!(segment instanceof Segment.Literal literal)) {
        break;
      }
      known.add(beginning.append('/').append(literal.value()).toString());
    }
    return Nearest.to(prefix, known).map(near -> "; did you mean " + near + "?").orElse("");
  }

  private static TimeLimits limits(Section block, TimeLimits usual) {
    return new TimeLimits(
        duration(block, "connect", usual.connect()),
        duration(block, "response", usual.response()),
        duration(block, "idle", usual.idle()),
        total(block, usual.total()));
  }

  private static Duration duration(Section block, String key, Duration usual) {
    return block.has(key) ? block.duration(key, SHORTEST, LONGEST) : usual;
  }

  private static @Nullable Duration total(Section block, @Nullable Duration usual) {
    boolean off = block.optional("total").filter("off"::equals).isPresent();
    if (!block.has("total")) {
      return usual;
    }
    return off ? null : block.duration("total", SHORTEST, LONGEST);
  }

  private void warnOfUnused(List<RouteSettings> routes) {
    root.named("upstreams")
        .forEach((name, block) -> {
          boolean used = routes.stream().anyMatch(route -> route.upstream().equals(name));
          if (!used && !name.equals(RoutingConfig.DEFAULT)) {
            block.warning("urls", "no route goes to the upstream %s".formatted(name));
          }
        });
  }

  /** A connection may take as long to open as the most patient of its routes waits. */
  private static GroupSettings patient(GroupSettings group, List<RouteSettings> routes) {
    Duration longest =
        routes.stream()
            .filter(route -> route.upstream().equals(group.name()))
            .map(route -> route.limits().connect())
            .reduce(group.servers().get(0).connectTimeout(), (a, b) -> a.compareTo(b) > 0 ? a : b);
    return new GroupSettings(
        group.name(),
        group.servers().stream().map(server -> server.connectingIn(longest)).toList(),
        group.health());
  }
}
