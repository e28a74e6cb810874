package io.sluice.filter;

import static io.sluice.filter.Filters.USUAL;
import static io.sluice.filter.Filters.chat;
import static io.sluice.filter.Filters.limiting;
import static io.sluice.filter.Filters.resolver;
import static io.sluice.filter.Filters.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.filter.AnswerSettings.Dialect;
import io.sluice.filter.RawHttp.Answer;
import io.sluice.limit.BucketStore;
import io.sluice.limit.FakeStore;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Policies;
import io.sluice.policy.Policy;
import io.sluice.request.Exchange;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter in a container that is not ours, with a store that answers at once or later. */
@Timeout(60)
class RateLimitFilterTest {

  private static final String ALICE = "X-User-Id: alice";

  private final TomcatServer tomcat = new TomcatServer();
  private final EchoServlet echo = new EchoServlet();
  private final HeldExecutor later = new HeldExecutor();

  @AfterEach
  void stop() throws Exception {
    tomcat.close();
  }

  @Test
  void thereIsNoJettyOnTheClassPath() {
    assertThatThrownBy(() -> Class.forName("org.eclipse.jetty.server.Server"))
        .isInstanceOf(ClassNotFoundException.class);
    assertThatThrownBy(() -> Class.forName("org.eclipse.jetty.util.Callback"))
        .isInstanceOf(ClassNotFoundException.class);
    assertThat(System.getProperty("java.class.path")).doesNotContain("jetty");
  }

  @Test
  void callerPassesWithFieldsUntilTheLimitAndIsThenRefused() throws IOException {
    serve(new FakeStore(), chat(2));
    Answer first = ask("GET /chat?x=1", ALICE);
    assertThat(first.status()).isEqualTo(200);
    assertThat(first.body()).isEqualTo("REQUEST|/chat|x=1|alice|Metered|null|null");
    assertThat(first.field("RateLimit-Policy")).isEqualTo("\"chat\";q=2;w=60");
    assertThat(first.field("RateLimit")).isEqualTo("\"chat\";r=1;t=3");
    assertThat(first.field("X-RateLimit-Remaining")).isEqualTo("1");
    assertThat(first.all("Retry-After")).isEmpty();
    ask("GET /chat", ALICE);
    Answer third = ask("GET /chat", ALICE);
    assertThat(third.status()).isEqualTo(429);
    assertThat(third.field("RateLimit-Policy")).isEqualTo("\"chat\";q=2;w=60");
    assertThat(third.field("RateLimit")).isEqualTo("\"chat\";r=0;t=3");
    assertThat(third.field("Retry-After")).isEqualTo("3");
    assertThat(third.field("Cache-Control")).isEqualTo("no-store");
    assertThat(third.field("Content-Type")).isEqualTo("application/problem+json");
    assertThat(third.body())
        .startsWith(
            "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
                + "\"title\":\"Too many requests\",\"status\":429,\"detail\":\"chat allows 2"
                + " requests in 1 minute for each user; try again in 3 seconds\","
                + "\"violated-policies\":[\"chat\"],\"decision\":\"");
    assertThat(ask("GET /chat", "X-User-Id: bob").status()).isEqualTo(200);
    assertThat(echo.calls()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void refusalIsWrittenBeforeTheBodyIsRead(boolean async) throws Exception {
    serve(async ? new FakeStore(later) : new FakeStore(), chat(1));
    decideNext(async, "GET /chat", ALICE);
    try (RawHttp upload =
        new RawHttp(tomcat.port(), "POST /chat", ALICE, "Content-Length: 10000000")) {
      if (async) {
        later.release(1);
      }
      assertThat(upload.answer().status()).isEqualTo(429);
    }
    assertThat(echo.calls()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void storeThatBreaksIsAnswered(boolean async) throws Exception {
    FakeStore store = async ? new FakeStore(later) : new FakeStore();
    store.twist(verdict -> {
      throw new IllegalStateException("secret of the store");
    });
    serve(store, chat(1));
    Answer answer = decideNext(async, "GET /chat", ALICE);
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.field("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.body())
        .contains("\"status\":500", "could not be decided")
        .doesNotContain("secret");
    assertThat(echo.calls()).isZero();
  }

  @Test
  void storeWithoutRoomIsAnsweredWith503() throws IOException {
    FakeStore store = new FakeStore();
    store.twist(verdict -> {
      throw new StoreOverloadedException("full");
    });
    serve(store, chat(1));
    Answer answer = ask("GET /chat", ALICE);
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.field("Retry-After")).isEqualTo("1");
    assertThat(answer.all("RateLimit")).isEmpty();
    assertThat(answer.body()).contains("#temporary-reduced-capacity");
  }

  @Test
  void headIsRefusedWithoutABody() throws IOException {
    serve(new FakeStore(), chat(1));
    ask("GET /chat", ALICE);
    Answer answer = ask("HEAD /chat", ALICE);
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.field("Retry-After")).isEqualTo("3");
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void pathWithoutOneReadingIsABadRequest() throws IOException {
    FakeStore store = new FakeStore();
    serve(store, chat(1));
    Answer answer = ask("GET /chat/100%25", ALICE);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("\"title\":\"Bad request\"", "paths.encoded-slash = pass");
    assertThat(ask("GET //chat", ALICE).status()).isEqualTo(400);
    assertThat(store.takes()).isEmpty();
    assertThat(echo.calls()).isZero();
  }

  @Test
  void exemptRequestHasNoFields() throws IOException {
    serve(new FakeStore(), chat(1));
    Answer answer = ask("GET /other", ALICE);
    assertThat(answer.body()).endsWith("|alice|Exempt|null|null");
    assertThat(answer.all("RateLimit")).isEmpty();
    assertThat(answer.all("RateLimit-Policy")).isEmpty();
    assertThat(answer.all("X-RateLimit-Limit")).isEmpty();
  }

  @Test
  void refusalBearsTheIdOfTheExchange() throws IOException {
    Filter exchange =
        (request, response, chain) -> {
          request.setAttribute(Exchange.ATTRIBUTE, new Exchange("01JEXCHANGE", 0));
          chain.doFilter(request, response);
        };
    tomcat.filter(exchange, USUAL);
    serve(new FakeStore(), chat(1));
    ask("GET /chat", ALICE);
    assertThat(ask("GET /chat", ALICE).body()).endsWith("\"decision\":\"01JEXCHANGE\"}");
  }

  @Test
  void twoFiltersLimitEachByItsOwnPolicies() throws IOException {
    tomcat
        .filter(limiting(new FakeStore(), chat(9)), USUAL)
        .filter(limiting(new FakeStore(), chat(1)), USUAL)
        .servlet("/*", true, echo)
        .start();
    assertThat(ask("GET /chat", ALICE).all("RateLimit")).hasSize(2);
    assertThat(ask("GET /chat", ALICE).status()).isEqualTo(429);
  }

  @Test
  void limitingByAQueryParameterLeavesTheFormToTheApplication() throws Exception {
    Limit byTeam = Policies.limit(Limit.MAIN, 1, new KeyPart(Kind.QUERY, "team"));
    FakeStore store = new FakeStore();
    serve(
        store, Policies.policy("forms", Policy.Mode.ENFORCE, List.of(byTeam), List.of(), "/forms"));
    String type = "Content-Type: application/x-www-form-urlencoded";
    try (RawHttp post =
        new RawHttp(tomcat.port(), "POST /forms?team=red", type, "Content-Length: 13")) {
      post.write("form=hi&team=");
      assertThat(post.answer().body()).endsWith("|form=hi&team=");
    }
    assertThat(ask("GET /forms?team=red").status()).isEqualTo(429);
    assertThat(ask("GET /forms?team=blue").status()).isEqualTo(200);
  }

  @Test
  void pagesOfConfiguredOriginsMayReadRefusalsAndFields() throws IOException {
    AnswerSettings settings =
        new AnswerSettings(Set.of(Dialect.IETF_11), List.of("https://app.example"));
    tomcat
        .filter(limiting(new FakeStore(), resolver(), settings, chat(1)), USUAL)
        .servlet("/*", true, echo)
        .start();
    Answer granted = ask("GET /chat", ALICE, "Origin: https://app.example");
    assertThat(granted.field("Access-Control-Expose-Headers"))
        .contains("RateLimit-Policy, RateLimit, ", "Retry-After");
    assertThat(granted.all("Access-Control-Allow-Origin")).isEmpty();
    Answer refused = ask("GET /chat", ALICE, "Origin: https://app.example");
    assertThat(refused.field("Access-Control-Allow-Origin")).isEqualTo("https://app.example");
    assertThat(refused.field("Access-Control-Expose-Headers")).contains("Retry-After");
    assertThat(refused.field("Vary")).isEqualTo("Origin");
    Answer foreign = ask("GET /chat", ALICE, "Origin: https://evil.example");
    assertThat(foreign.status()).isEqualTo(429);
    assertThat(foreign.all("Access-Control-Allow-Origin")).isEmpty();
    assertThat(foreign.all("Access-Control-Expose-Headers")).isEmpty();
    assertThat(foreign.field("Vary")).isEqualTo("Origin");
  }

  @Test
  void withoutOriginsThereAreNoCorsFields() throws IOException {
    serve(new FakeStore(), chat(1));
    ask("GET /chat", ALICE, "Origin: https://app.example");
    Answer refused = ask("GET /chat", ALICE, "Origin: https://app.example");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(String.join("\n", refused.head())).doesNotContain("Access-Control", "Vary");
  }

  private void serve(BucketStore store, Policy policy) {
    tomcat
        .filter(later, USUAL)
        .filter(limiting(store, policy), USUAL)
        .servlet("/*", true, echo)
        .start();
  }

  private Answer ask(String line, String... fields) throws IOException {
    return RawHttp.ask(tomcat.port(), line, fields);
  }

  private Answer decideNext(boolean async, String line, String... fields) throws Exception {
    try (RawHttp http = new RawHttp(tomcat.port(), line, fields)) {
      if (async) {
        later.release(1);
      }
      return http.answer();
    }
  }
}
