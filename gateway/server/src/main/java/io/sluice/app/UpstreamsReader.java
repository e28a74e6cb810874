package io.sluice.app;

import io.sluice.balance.GroupSettings;
import io.sluice.balance.HealthSettings;
import io.sluice.balance.StatusRange;
import io.sluice.config.Section;
import io.sluice.config.Urls;
import io.sluice.upstream.Protocol;
import io.sluice.upstream.UpstreamSettings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the upstreams of a gateway.conf: the block of that name, and the short form. */
final class UpstreamsReader {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(24);
  private static final int MOST = 1_000_000;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern TARGET = Pattern.compile("/[!-~&&[^#]]*");
  private static final Pattern STATUSES = Pattern.compile("([1-5]\\d\\d)(?:-([1-5]\\d\\d))?");

  private final Section root;
  private final UpstreamSettings base;

  /**
   * Creates a reader.
   *
   * @param base the short form, whose settings the others have where they say nothing else
   */
  UpstreamsReader(Section root, UpstreamSettings base) {
    this.root = root;
    this.base = base;
  }

  /** Returns the upstreams by name. */
  Map<String, GroupSettings> read() {
    Map<String, GroupSettings> found = new LinkedHashMap<>();
    root.named("upstreams").forEach((name, block) -> found.put(name, group(name, block)));
    boolean named = found.containsKey(RoutingConfig.DEFAULT);
    if (named && root.has("upstream")) {
      root.problem("upstream", "is the upstream named default, which stands in upstreams too");
    } else if (!named && (root.has("upstream") || (found.isEmpty() && !root.has("routes")))) {
      found.put(
          RoutingConfig.DEFAULT,
          new GroupSettings(RoutingConfig.DEFAULT, List.of(base), HealthSettings.UNASKED));
    }
    return found;
  }

  private GroupSettings group(String name, Section block) {
    if (!NAME.matcher(name).matches()) {
      block.problem("urls", "the upstream's name may have letters, digits, _ and - only");
    }
    int connections =
        block.has("connections") ? block.integer("connections", 1, MOST) : base.maxConnections();
    Duration age =
        block.has("max-age") ? block.duration("max-age", SHORTEST, LONGEST) : base.maxAge();
    Protocol protocol =
        block.has("protocol") ? block.choice("protocol", Protocol.class) : base.protocol();
    UpstreamSettings each = base.with(connections, age, protocol);
    List<UpstreamSettings> servers = new ArrayList<>();
    urls(block).forEach(url -> servers.add(each.at(url)));
    return new GroupSettings(name, servers, health(block.section("health")));
  }

  private static List<URI> urls(Section block) {
    List<URI> urls = new ArrayList<>();
    List<String> texts = block.has("urls") ? block.texts("urls") : List.of();
    for (String text : texts) {
      Optional<URI> url = Urls.parse(text, "http", "https").filter(UpstreamsReader::isOrigin);
      if (url.isEmpty()) {
        block.problem("urls", "expected " + expected(text));
      } else if (urls.contains(url.get())) {
        block.warning("urls", "%s stands here twice".formatted(text));
      } else {
        urls.add(url.get());
      }
    }
    if (texts.isEmpty()) {
      block.problem(
          "urls", "expected one server or more, for example urls = [\"http://localhost:3000\"]");
    }
    // Reading goes on, so that all problems are said at once.
    return urls.isEmpty() ? List.of(URI.create("http://localhost")) : urls;
  }

  private static String expected(String text) {
    return Urls.parse(text, "http", "https")
        .map(url ->
            "scheme, host and port only, for example %s://%s"
                .formatted(url.getScheme(), url.getRawAuthority()))
        .orElseGet(() -> Urls.expected(text, "http", "https"));
  }

  private static boolean isOrigin(URI url) {
    return url.toString().equals(url.getScheme() + "://" + url.getRawAuthority());
  }

  private static HealthSettings health(Section block) {
    Duration interval = block.duration("interval", Duration.ofMillis(100), LONGEST);
    Duration timeout = block.duration("timeout", SHORTEST, LONGEST);
    if (timeout.compareTo(interval) > 0) {
      block.problem("timeout", "is longer than interval");
    }
    return new HealthSettings(
        path(block),
        interval,
        timeout.compareTo(interval) > 0 ? interval : timeout,
        block.integer("healthy-after", 1, 1_000),
        block.integer("unhealthy-after", 1, 1_000),
        statuses(block));
  }

  private static @Nullable String path(Section block) {
    String path = block.optional("path").orElse(null);
    if (path != null && !TARGET.matcher(path).matches()) {
      block.problem("path", "expected a path like /health, percent-encoded, perhaps with a query");
    }
    return path;
  }

  private static List<StatusRange> statuses(Section block) {
    List<StatusRange> ranges = new ArrayList<>();
    for (String text : block.texts("status")) {
      Matcher matcher = STATUSES.matcher(text);
      int first = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 1;
      int last =
          first == 1 || matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (first == 1 || last < first) {
        block.problem("status", "expected statuses and ranges of them, for example [\"200-299\"]");
      } else {
        ranges.add(new StatusRange(first, last));
      }
    }
    return ranges;
  }
}
