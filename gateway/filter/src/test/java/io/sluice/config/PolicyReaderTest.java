package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bypass;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import io.sluice.policy.RoutePattern.Segment;
import io.sluice.request.Cidr;
import io.sluice.request.PathRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class PolicyReaderTest {

  private static final ReadingContext ALL_KNOWN =
      new ReadingContext(PathRules.DEFAULT, true, true, true);

  @Test
  void theShortFormHasTheDefaultsOfTheReference() {
    Policy chat =
        policy(
            """
            # each user may send 20 messages a minute
            match  = "POST /api/chat/**"
            limits = [ { key = user, rate = 20/min } ]
            """);
    assertThat(chat.name()).isEqualTo("chat");
    assertThat(chat.cost()).isEqualTo(1);
    assertThat(chat.mode()).isEqualTo(Policy.Mode.ENFORCE);
    assertThat(chat.onOutage()).isEqualTo(Policy.OnOutage.LOCAL);
    assertThat(chat.bypass()).isEmpty();
    assertThat(chat.limits())
        .containsExactly(
            new Limit(
                "main",
                List.of(KeyPart.of(Kind.USER)),
                Bandwidth.of(20, Duration.ofMinutes(1)),
                429));
    assertThat(chat.match())
        .singleElement()
        .satisfies(pattern -> {
          assertThat(pattern.methods()).containsExactly("POST");
          assertThat(pattern.host()).isNull();
          assertThat(pattern.text()).isEqualTo("POST /api/chat/**");
          assertThat(pattern.segments())
              .containsExactly(
                  new Segment.Literal("api"), new Segment.Literal("chat"), new Segment.Rest());
        });
  }

  @Test
  void theFullFormSetsEverything() {
    Policy upload =
        policy(
            """
            match   = [ { methods = [POST, PUT], path = "/api/{tenant}/upload/**", host = "Files.example.com" } ]
            limits  = [
              { id = per-user, key = user,           rate = 5/min, burst = 10 }
              { id = tenant,   key = [path.tenant, header.X-Y], rate = 500/hour, refill = interval }
              { id = capacity, key = global,         rate = 2000/s, status = 503 }     # protects the upstream
            ]
            cost      = 2
            mode      = shadow
            on-outage = deny
            bypass    = [ { cidr = "10.0.0.0/8" }, { role = admin }, { user = "svc-batch" } ]
            """);
    assertThat(upload.match().get(0).host()).isEqualTo("files.example.com");
    assertThat(upload.match().get(0).methods()).isEqualTo(Set.of("POST", "PUT"));
    assertThat(upload.match().get(0).indexOf("tenant")).isEqualTo(1);
    assertThat(upload.limits())
        .containsExactly(
            new Limit(
                "per-user",
                List.of(KeyPart.of(Kind.USER)),
                new Bandwidth(10, 5, Duration.ofMinutes(1), Bandwidth.Mode.GREEDY),
                429),
            new Limit(
                "tenant",
                List.of(new KeyPart(Kind.PATH, "tenant"), new KeyPart(Kind.HEADER, "X-Y")),
                new Bandwidth(500, 500, Duration.ofHours(1), Bandwidth.Mode.INTERVAL),
                429),
            new Limit(
                "capacity",
                List.of(KeyPart.of(Kind.GLOBAL)),
                Bandwidth.of(2000, Duration.ofSeconds(1)),
                503));
    assertThat(upload.cost()).isEqualTo(2);
    assertThat(upload.mode()).isEqualTo(Policy.Mode.SHADOW);
    assertThat(upload.onOutage()).isEqualTo(Policy.OnOutage.DENY);
    assertThat(upload.bypass())
        .containsExactly(
            new Bypass.Address(Cidr.parse("10.0.0.0/8")),
            new Bypass.Role("admin"),
            new Bypass.User("svc-batch"));
  }

  @Test
  void oneBlockStandsForAListOfOne() {
    Policy policy =
        policy("match { path = /a }, limits { key = ip, rate = 1/s }, bypass { role = a }");
    assertThat(policy.match()).hasSize(1);
    assertThat(policy.limits()).hasSize(1);
    assertThat(policy.bypass()).hasSize(1);
  }

  @Test
  void patternsAreReadLikeRequests() {
    assertThat(segments("/API/%63hat/caf%C3%A9/", PathRules.DEFAULT))
        .containsExactly(
            new Segment.Literal("api"), new Segment.Literal("chat"), new Segment.Literal("café"));
    assertThat(segments("/API/chat/", new PathRules(false, false, true)))
        .containsExactly(
            new Segment.Literal("API"), new Segment.Literal("chat"), new Segment.Literal(""));
    assertThat(segments("/a%2Fb/*/{x}", new PathRules(true, true, true)))
        .containsExactly(new Segment.Literal("a/b"), new Segment.One(""), new Segment.One("x"));
    assertThat(segments("/", PathRules.DEFAULT)).isEmpty();
    assertThat(segments("/**", PathRules.DEFAULT)).containsExactly(new Segment.Rest());
  }

  @Test
  void onlyTheDefaultPolicyMayLeaveOutWhatItMatches() {
    BookReading reading = read(Map.of("default", "limits = [ { key = user, rate = 100/min } ]"));
    assertThat(reading.orThrow().policies().get(0).match().get(0).segments())
        .containsExactly(new Segment.Rest());
    assertThat(read(Map.of("other", "limits = []")).problems())
        .extracting(Problem::message)
        .singleElement()
        .asString()
        .startsWith("match: missing");
  }

  @Test
  void aLimitlessPolicyExemptsOnPurpose() {
    assertThat(policy("match = \"/health\", limits = []").limits()).isEmpty();
  }

  @Test
  void oneBadPolicyKeepsTheWholeBookBack() {
    BookReading reading =
        read(
            Map.of(
                "good", "match = \"/a\", limits = []",
                "bad", "match = \"/b\", limits = [ { key = ip, rate = 0/min } ]"));
    assertThat(reading.book()).isEmpty();
    assertThatThrownBy(reading::orThrow)
        .isInstanceOf(ConfigProblemsException.class)
        .hasMessageContaining("bad.conf:1: rate = 0/min");
  }

  @Test
  void aProblemOfTheFolderKeepsTheBookBack() {
    Snapshot snapshot =
        Snapshot.of(
            List.of(new PolicyFile("a", Path.of("a.conf"), "match = \"/a\", limits = []")),
            List.of(new Problem("b.conf", 0, Problem.Severity.ERROR, "cannot be read")));
    assertThat(PolicyReader.book(snapshot, ALL_KNOWN).book()).isEmpty();
  }

  @Test
  void theBookBearsTheRevisionOfItsContent() {
    Map<String, String> files = Map.of("a", "match = \"/a\", limits = []");
    assertThat(read(files).orThrow().revision())
        .isEqualTo(snapshot(files).hash().substring(0, 12))
        .matches("[0-9a-f]{12}");
    assertThat(read(Map.of("b", "match = \"/a\", limits = []")).orThrow().revision())
        .isNotEqualTo(read(files).orThrow().revision());
  }

  @Test
  void deepNestingIsAProblemAndNoCrash() {
    String deep = "limits = " + "[".repeat(100_000);
    String dotted = "a.".repeat(20_000) + "a = 1";
    String braces = "a={".repeat(5_000);
    for (String text : List.of(deep, dotted, braces)) {
      assertThat(read(Map.of("a", text)).problems())
          .extracting(Problem::message)
          .contains("nested deeper than 64 levels");
    }
  }

  private static List<Segment> segments(String path, PathRules rules) {
    String text = "match = \"%s\", limits = []".formatted(path);
    return PolicyReader.book(
            snapshot(Map.of("a", text)), new ReadingContext(rules, true, true, true))
        .orThrow()
        .policies()
        .get(0)
        .match()
        .get(0)
        .segments();
  }

  private static Policy policy(String text) {
    return read(Map.of("chat", text)).orThrow().policies().get(0);
  }

  private static BookReading read(Map<String, String> files) {
    return PolicyReader.book(snapshot(files), ALL_KNOWN);
  }

  private static Snapshot snapshot(Map<String, String> files) {
    return Snapshot.of(
        new TreeMap<>(files)
            .entrySet().stream()
                .map(e -> new PolicyFile(e.getKey(), Path.of(e.getKey() + ".conf"), e.getValue()))
                .toList(),
        List.of());
  }
}
