package io.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.identity.Identity;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Match;
import io.sluice.policy.Policies;
import io.sluice.policy.Policy;
import io.sluice.request.FakeRequest;
import io.sluice.request.RequestView;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CallerKeyTest {

  private static final Identity ALICE =
      Callers.caller("192.0.2.1", "alice", "mobile", Set.of("b", "a"));
  private static final FakeRequest REQUEST =
      FakeRequest.of("GET /t/acme/x")
          .host("example.com")
          .header("X-Tenant", "acme")
          .query("team", "red")
          .cookie("sid", "42");

  @Test
  void everyKindOfPartIsReadFromItsPlace() {
    assertThat(key("user")).isEqualTo("user=5:alice;");
    assertThat(key("ip")).isEqualTo("ip=9:192.0.2.1;");
    assertThat(key("api-key")).isEqualTo("api-key=6:mobile;");
    assertThat(key("header.X-Tenant")).isEqualTo("header.X-Tenant=4:acme;");
    assertThat(key("query.team")).isEqualTo("query.team=3:red;");
    assertThat(key("cookie.sid")).isEqualTo("cookie.sid=2:42;");
    assertThat(key("path.tenant")).isEqualTo("path.tenant=4:acme;");
    assertThat(key("role")).isEqualTo("role=3:a,b;");
    assertThat(key("method")).isEqualTo("method=3:GET;");
    assertThat(key("route")).isEqualTo("route=14:/t/{tenant}/**;");
    assertThat(key("host")).isEqualTo("host=11:example.com;");
    assertThat(key("global")).isEqualTo("global=0:;");
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"USER", "API_KEY", "HEADER", "COOKIE", "QUERY", "PATH", "CLAIM", "ROLE", "HOST"})
  void callersWithoutThePartAreToldApartByAddress(Kind kind) {
    KeyPart part = new KeyPart(kind, kind.named() ? "absent" : "");
    RequestView bare = FakeRequest.of("GET /t/acme/x");
    String one = describe(bare, Callers.at("192.0.2.1"), part);
    String two = describe(bare, Callers.at("192.0.2.2"), part);
    assertThat(one).isEqualTo("ip=9:192.0.2.1;").isNotEqualTo(two);
  }

  @Test
  void emptyValueIsAnAbsentOne() {
    RequestView empty = FakeRequest.of("GET /t/x/x").header("X-Tenant", "").query("team", "");
    assertThat(describe(empty, ALICE, new KeyPart(Kind.HEADER, "X-Tenant"))).startsWith("ip=");
    assertThat(describe(empty, ALICE, new KeyPart(Kind.QUERY, "team"))).startsWith("ip=");
  }

  @Test
  void nobodyCanSpellAnotherCallersKey() {
    KeyPart header = new KeyPart(Kind.HEADER, "X-Tenant");
    KeyPart user = KeyPart.of(Kind.USER);
    Identity mallory = Callers.user("x;user=5:alice");
    RequestView one = FakeRequest.of("GET /t/x/x").header("X-Tenant", "a");
    RequestView two = FakeRequest.of("GET /t/x/x").header("X-Tenant", "a;user=5:alice");
    assertThat(describe(one, ALICE, header, user))
        .isNotEqualTo(describe(two, mallory, header, user));
    assertThat(describe(one, Callers.user("ip=9:192.0.2.1;"), user))
        .isNotEqualTo(describe(one, Callers.at("192.0.2.1"), user));
    assertThat(describe(one, Callers.user("ab"), user, user))
        .isNotEqualTo(describe(one, Callers.user("a"), user, user));
  }

  @Test
  void methodsThatNobodyKnowsShareOneBucket() {
    assertThat(describe(FakeRequest.of("BREW /t/x/x"), ALICE, KeyPart.of(Kind.METHOD)))
        .isEqualTo(describe(FakeRequest.of("STEEP /t/x/x"), ALICE, KeyPart.of(Kind.METHOD)));
  }

  private static String key(String word) {
    int dot = word.indexOf('.');
    String kind = dot < 0 ? word : word.substring(0, dot);
    for (Kind candidate : Kind.values()) {
      if (candidate.word().equals(kind)) {
        return describe(
            REQUEST,
            ALICE,
            new KeyPart(candidate, word.substring(dot + 1 == 0 ? word.length() : dot + 1)));
      }
    }
    throw new IllegalArgumentException(word);
  }

  private static String describe(RequestView request, Identity caller, KeyPart... parts) {
    Limit limit = Policies.limit(Limit.MAIN, 1, parts);
    Policy policy = Policies.policy("p", "/t/{tenant}/**");
    return CallerKey.describe(limit, new Match(policy, policy.match().get(0)), request, caller);
  }
}
