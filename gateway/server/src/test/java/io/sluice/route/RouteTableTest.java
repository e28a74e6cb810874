package io.sluice.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.policy.RoutePattern;
import io.sluice.policy.RoutePattern.Segment;
import io.sluice.request.CanonicalPath;
import io.sluice.request.PathRules;
import io.sluice.request.RefusedPathException;
import io.sluice.request.RequestView;
import io.sluice.upstream.Call;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.Upstream;
import io.sluice.upstream.UpstreamStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouteTableTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Route REST = route("rest", false);

  @Test
  void theFirstInTheOrderWrittenCounts() {
    Route wide = route("wide", false, "/a/**");
    Route narrow = route("narrow", false, "/a/b", "/c");
    assertThat(find(List.of(wide, narrow), "GET", "", "/a/b")).isSameAs(wide);
    assertThat(find(List.of(narrow, wide), "GET", "", "/a/b")).isSameAs(narrow);
    assertThat(find(List.of(narrow, wide), "GET", "", "/a/c")).isSameAs(wide);
    assertThat(find(List.of(wide, narrow), "GET", "", "/c")).isSameAs(narrow);
  }

  @Test
  void methodAndHostAreLookedAt() {
    Route posts = route("posts", false, "POST /a");
    Route gets = route("gets", false, "GET /a");
    Route one = route("one", false, "one.example.com/**");
    List<Route> routes = List.of(posts, gets, one);
    assertThat(find(routes, "POST", "", "/a")).isSameAs(posts);
    assertThat(find(routes, "HEAD", "", "/a")).isSameAs(gets);
    assertThat(find(routes, "PUT", "one.example.com", "/a")).isSameAs(one);
    assertThat(find(routes, "PUT", "two.example.com", "/a")).isSameAs(REST);
  }

  @Test
  void whatNoRouteCoversHasTheRestsOrNone() {
    assertThat(find(List.of(), "GET", "", "/a")).isSameAs(REST);
    RouteTable table = new RouteTable(List.of(), null, PathRules.DEFAULT);
    assertThat(table.find(request("GET", "", "/a", table))).isNull();
    assertThat(table.isSingle()).isTrue();
  }

  @Test
  void pathsAreReadAsTheMostLiberalRouteReadsThem() {
    assertThat(new RouteTable(List.of(REST), REST, PathRules.DEFAULT).reading())
        .isEqualTo(PathRules.DEFAULT);
    assertThat(
            new RouteTable(List.of(REST, route("x", true, "/x")), REST, PathRules.DEFAULT)
                .reading())
        .isEqualTo(new PathRules(true, true, true));
  }

  @Test
  void findingDoesNotTakeLongerWithMoreRoutes() {
    List<Route> routes = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      routes.add(new Route(List.of(pattern("/a/" + i)), REST.upstream(), "x", 0, false, limits()));
    }
    RouteTable table = new RouteTable(routes, REST, PathRules.DEFAULT);
    RequestView last = request("GET", "", "/a/49999", table);
    long start = System.nanoTime();
    for (int i = 0; i < 200_000; i++) {
      assertThat(table.find(last) == routes.get(49_999)).isTrue();
    }
    // One look at each route would take 10 thousand million.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  private static @Nullable Route find(List<Route> routes, String method, String host, String path) {
    RouteTable table = new RouteTable(routes, REST, PathRules.DEFAULT);
    return table.find(request(method, host, path, table));
  }

  private static Route route(String name, boolean encodedSlash, String... match) {
    List<RoutePattern> patterns = List.of(match).stream().map(RouteTableTest::pattern).toList();
    return new Route(patterns, new Nowhere(), name, 0, encodedSlash, limits());
  }

  private static TimeLimits limits() {
    return new TimeLimits(SECOND, SECOND, SECOND, null);
  }

  private static RoutePattern pattern(String text) {
    int space = text.indexOf(' ');
    String rest = text.substring(space + 1);
    int slash = rest.indexOf('/');
    List<Segment> segments =
        List.of(rest.substring(slash + 1).split("/", -1)).stream()
            .<Segment>map(s -> s.equals("**") ? new Segment.Rest() : new Segment.Literal(s))
            .toList();
    return new RoutePattern(
        space < 0 ? Set.of() : Set.of(text.substring(0, space)),
        slash == 0 ? null : rest.substring(0, slash),
        segments,
        text);
  }

  private static RequestView request(String method, String host, String path, RouteTable table) {
    CanonicalPath read;
    try {
      read = CanonicalPath.of(path, table.reading());
    } catch (RefusedPathException e) {
      throw new IllegalArgumentException(e);
    }
    return new Asked(method, host, Objects.requireNonNull(read));
  }

  /** Nothing is called here. */
  private static final class Nowhere implements Upstream {

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public void retire() {}

    @Override
    public UpstreamStatus status() {
      return new UpstreamStatus(0, 0, 0, null, Duration.ZERO);
    }

    @Override
    public Call call(
        RequestHead head,
        Content.@Nullable Source content,
        TimeLimits limits,
        CallListener listener) {
      throw new IllegalStateException("nothing is called here");
    }
  }

  private record Asked(String method, String host, CanonicalPath path) implements RequestView {

    @Override
    public List<String> headers(String name) {
      return List.of();
    }

    @Override
    public @Nullable String query(String name) {
      return null;
    }

    @Override
    public @Nullable String cookie(String name) {
      return null;
    }

    @Override
    public String peer() {
      return "192.0.2.1";
    }
  }
}
