package io.sluice.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.policy.Policy.Mode;
import io.sluice.request.FakeRequest;
import io.sluice.request.RequestView;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTreeTest {

  @ParameterizedTest
  @CsvSource({
    "/api/chat, GET /api/chat, true",
    "/api/chat, GET /API/Chat/, true",
    "/api/chat, GET /api/chat/x, false",
    "/api/chat, GET /api, false",
    "/api/chat/**, GET /api/chat, true",
    "/api/chat/**, GET /api/chat/, true",
    "/api/chat/**, GET /api/chat/a/b/c, true",
    "/api/chat/**, GET /api/chats, false",
    "/**, GET /, true",
    "/**, GET /a/b, true",
    "/, GET /, true",
    "/, GET /a, false",
    "/a/*/c, GET /a/b/c, true",
    "/a/*/c, GET /a/c, false",
    "/a/*/c, GET /a/b/b/c, false",
    "/a/*/*/d, GET /a/b/c/d, true",
    "/a/{one}/*/d, GET /a/b/c/d, true",
    "/*/*, GET /a/b, true",
    "/*/*, GET /a, false",
    "/*/**, GET /, false",
    "/*/**, GET /a, true",
    "GET /x, GET /x, true",
    "GET /x, HEAD /x, true",
    "GET /x, get /x, false",
    "HEAD /x, GET /x, false",
    "POST /x, GET /x, false",
    "//files.example.com/x, GET /x, false",
  })
  void patternCoversARequest(String pattern, String request, boolean covered) {
    PolicyTree tree = PolicyTree.of(List.of(Policies.policy("p", pattern)));
    assertThat(tree.covering(FakeRequest.of(request))).hasSize(covered ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, example.com, true",
    "example.com, www.example.com, false",
    "*.example.com, www.example.com, true",
    "*.example.com, a.b.example.com, true",
    "*.example.com, example.com, false",
    "*.example.com, badexample.com, false",
    "*.example.com, .example.com, false",
    "*.example.com, '', false",
  })
  void hostOfAPatternCoversTheHostsItNames(String pattern, String host, boolean covered) {
    PolicyTree tree = PolicyTree.of(List.of(Policies.policy("p", "//" + pattern + "/x")));
    assertThat(tree.covering(FakeRequest.of("GET /x").host(host))).hasSize(covered ? 1 : 0);
  }

  @Test
  void everyPolicyThatMatchesIsFoundInBookOrder() {
    List<Policy> policies =
        List.of(
            Policies.policy("a", "/**"),
            Policies.policy("b", "/api/other"),
            Policies.policy("c", "/api/*"),
            Policies.policy("d", "/api/chat"),
            Policies.policy("e", "//h/api/chat"));
    List<Match> matches =
        PolicyTree.of(policies).covering(FakeRequest.of("GET /api/chat").host("h"));
    assertThat(matches)
        .extracting(match -> match.policy().name())
        .containsExactly("a", "c", "d", "e");
  }

  @Test
  void policyIsFoundOnceWithTheFirstOfItsPatternsThatCovers() {
    Policy policy = Policies.policy("p", "POST /a/b", "/a/{x}", "/a/b", "/**");
    List<Match> matches = PolicyTree.of(List.of(policy)).covering(FakeRequest.of("GET /a/b"));
    assertThat(matches).extracting(match -> match.pattern().text()).containsExactly("/a/{x}");
  }

  @Test
  void policyThatIsOffIsNotFound() {
    Policy off = Policies.policy("p", Mode.OFF, List.of(), List.of(), "/**");
    assertThat(PolicyTree.of(List.of(off)).covering(FakeRequest.of("GET /"))).isEmpty();
  }

  @Test
  void treeFindsWhatLookingAtEveryPatternFinds() {
    Random random = new Random(7);
    List<Policy> policies = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      policies.add(Policies.policy("p" + i, path(random, true), path(random, true)));
    }
    PolicyTree tree = PolicyTree.of(policies);
    int found = 0;
    for (int i = 0; i < 3_000; i++) {
      FakeRequest request = FakeRequest.of("GET " + path(random, false));
      List<Match> expected = naive(policies, request);
      assertThat(tree.covering(request)).isEqualTo(expected);
      found += expected.size();
    }
    assertThat(found).isGreaterThan(3_000);
  }

  @Test
  void lookingUpDoesNotTouchOtherPolicies() {
    List<Policy> policies = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      policies.add(Policies.policy("p" + i, "GET /api/service" + i + "/{id}/**"));
    }
    AtomicInteger compared = new AtomicInteger();
    RequestView request = new CountingMethod(FakeRequest.of("GET /api/service77/1/x"), compared);
    assertThat(PolicyTree.of(policies).covering(request)).hasSize(1);
    assertThat(compared.get()).isLessThanOrEqualTo(1);
  }

  private static List<Match> naive(List<Policy> policies, RequestView request) {
    List<Match> matches = new ArrayList<>();
    for (Policy policy : policies) {
      policy.match().stream()
          .filter(pattern -> covers(pattern.text(), request.path().encoded()))
          .findFirst()
          .ifPresent(pattern -> matches.add(new Match(policy, pattern)));
    }
    return matches;
  }

  private static boolean covers(String pattern, String path) {
    String regex = pattern.replace("/**", "(|/.@)").replace("*", "[^/]+").replace("@", "*");
    return path.matches(regex)
        || (path + "/").matches(regex)
        || (path.equals("/") && pattern.equals("/**"));
  }

  private static String path(Random random, boolean pattern) {
    List<String> words = pattern ? List.of("a", "b", "*", "*") : List.of("a", "b", "c");
    StringBuilder path = new StringBuilder();
    for (int depth = 1 + random.nextInt(4); depth > 0; depth--) {
      path.append('/').append(words.get(random.nextInt(words.size())));
    }
    return pattern && random.nextInt(4) == 0 ? path.append("/**").toString() : path.toString();
  }
}
