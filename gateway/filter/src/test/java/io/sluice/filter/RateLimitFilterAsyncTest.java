package io.sluice.filter;

import static io.sluice.filter.Filters.USUAL;
import static io.sluice.filter.Filters.chat;
import static io.sluice.filter.Filters.limiting;
import static io.sluice.filter.Filters.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.filter.RawHttp.Answer;
import io.sluice.identity.Identity;
import io.sluice.identity.IdentityResolver;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Callers;
import io.sluice.limit.FakeStore;
import io.sluice.policy.Policy;
import io.sluice.request.PathRules;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that wait in a container that is not ours: for their caller, for their decision. */
@Timeout(60)
class RateLimitFilterAsyncTest {

  private static final String ALICE = "X-User-Id: alice";

  private final TomcatServer tomcat = new TomcatServer();
  private final EchoServlet echo = new EchoServlet();
  private final HeldExecutor later = new HeldExecutor();

  @AfterEach
  void stop() throws Exception {
    tomcat.close();
  }

  @Test
  void hundredsWaitWithoutAThreadEachAndEachIsChargedOnceAndAnsweredByItself() throws Exception {
    int requests = 300;
    FakeStore store = new FakeStore(later);
    serve(store, chat(100));
    List<RawHttp> waiting = new ArrayList<>();
    try {
      for (int i = 0; i < requests; i++) {
        waiting.add(new RawHttp(tomcat.port(), "GET /chat?n=" + i, ALICE, "X-Number: " + i));
      }
      later.release(requests);
      int passed = 0;
      for (int i = 0; i < requests; i++) {
        Answer answer = waiting.get(i).answer();
        if (answer.status() == 200) {
          passed++;
          assertThat(answer.body())
              .isEqualTo("ASYNC|/chat|n=" + i + "|alice|Metered|" + i + "|null");
        } else {
          assertThat(answer.status()).isEqualTo(429);
          assertThat(answer.field("Retry-After")).isEqualTo("3");
        }
        assertThat(answer.all("RateLimit")).hasSize(1);
      }
      assertThat(passed).isEqualTo(100).isEqualTo(echo.calls());
      assertThat(store.takes()).hasSize(requests);
      assertThat(store.taken().values()).containsExactly(100L);
    } finally {
      for (RawHttp http : waiting) {
        http.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/chat/a%20b",
        "/chat/a%3Fb",
        "/chat/caf%C3%A9",
        "/chat/a%22b",
        "/chat/a+b",
        "/chat/a%3Bb"
      })
  void dispatchKeepsThePathAndTheQuery(String path) throws Exception {
    serve(new FakeStore(later), chat(9));
    assertThat(decideNext(true, "GET " + path + "?q=a%26b;c&d", ALICE).body())
        .startsWith("ASYNC|" + path + "|q=a%26b;c&d|alice|Metered");
  }

  @Test
  void dispatchKeepsTheCanonicalPathOfAnotherSpelling() throws Exception {
    serve(new FakeStore(later), chat(9));
    assertThat(decideNext(true, "GET /x/../ch%61t;v=1/y?q", ALICE).body())
        .startsWith("ASYNC|/chat/y|q|alice|Metered");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/chat/async", "/chat/forward", "/chat/include", "/chat/error"})
  void furtherDispatchesOfOneRequestAreNotChargedAgain(String path) throws Exception {
    for (boolean async : List.of(false, true)) {
      try (TomcatServer server = new TomcatServer()) {
        FakeStore store = async ? new FakeStore(later) : new FakeStore();
        if (async) {
          server.filter(later, USUAL);
        }
        server
            .filter(limiting(store, chat(9)), EnumSet.allOf(DispatcherType.class))
            .servlet("/*", true, echo)
            .servlet("/chat/async", true, new Redispatching())
            .servlet("/chat/forward", true, new Redispatching())
            .servlet("/chat/include", true, new Redispatching())
            .servlet("/chat/error", true, new Redispatching())
            .errorPage("/chat/page")
            .start();
        try (RawHttp http = new RawHttp(server.port(), "GET " + path, ALICE)) {
          if (async) {
            later.release(1);
          }
          Answer answer = http.answer();
          assertThat(answer.body()).contains("|" + path + "|").endsWith("|Metered|null|null");
          assertThat(answer.field("RateLimit")).isEqualTo("\"chat\";r=8;t=3");
        }
        assertThat(store.takes()).hasSize(1);
      }
    }
  }

  @Test
  void chainWithoutAsyncSupportIsLimitedToo() throws Exception {
    FakeStore store = new FakeStore(later);
    Filter old = (request, response, chain) -> chain.doFilter(request, response);
    tomcat
        .filter(old, false, USUAL)
        .filter(limiting(store, chat(1)), USUAL)
        .servlet("/*", false, echo)
        .start();
    assertThat(decideNext(true, "GET /chat", ALICE).body()).startsWith("REQUEST|/chat|");
    assertThat(decideNext(true, "GET /chat", ALICE).status()).isEqualTo(429);
  }

  @Test
  void servletWithoutAsyncSupportIsReachedByDispatch() throws Exception {
    tomcat.filter(later, USUAL);
    tomcat
        .filter(limiting(new FakeStore(later), chat(1)), USUAL)
        .servlet("/*", false, echo)
        .start();
    assertThat(decideNext(true, "GET /chat", ALICE).body()).startsWith("ASYNC|/chat|");
  }

  @Test
  void clientThatLeavesWhileWaitingHarmsNobody() throws Exception {
    serve(new FakeStore(later), chat(9));
    for (int i = 0; i < 5; i++) {
      new RawHttp(tomcat.port(), "GET /chat", ALICE).close();
    }
    later.release(5);
    assertThat(decideNext(true, "GET /chat", ALICE).field("RateLimit"))
        .isEqualTo("\"chat\";r=3;t=3");
  }

  @Test
  void identityMayComeLaterAndIsLeftForOthers() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    IdentityResolver slow =
        request -> {
          asked.incrementAndGet();
          CompletableFuture<Identity> caller = new CompletableFuture<>();
          later.execute(() -> caller.complete(Callers.user("carol")));
          return caller;
        };
    FakeStore store = new FakeStore(later);
    Filter limits = limiting(store, slow, settings(), chat(1));
    tomcat.filter(later, USUAL).filter(limits, USUAL).servlet("/*", true, echo).start();
    try (RawHttp http = new RawHttp(tomcat.port(), "GET /chat")) {
      later.release(1);
      later.release(1);
      assertThat(http.answer().body()).isEqualTo("ASYNC|/chat|null|carol|Metered|null|null");
    }
    assertThat(asked).hasValue(1);
    assertThat(store.takes()).hasSize(1);
  }

  @Test
  void identityFilterFindsTheCallerForTheFiltersBehind() throws Exception {
    IdentityResolver slow =
        request -> {
          CompletableFuture<Identity> caller = new CompletableFuture<>();
          later.execute(() -> caller.complete(Callers.user("carol")));
          return caller;
        };
    IdentityResolver unused =
        request -> {
          throw new AssertionError("the caller was known");
        };
    tomcat
        .filter(later, USUAL)
        .filter(new IdentityFilter(slow, PathRules.DEFAULT, settings()), USUAL)
        .filter(limiting(new FakeStore(), unused, settings(), chat(1)), USUAL)
        .servlet("/*", true, echo)
        .start();
    assertThat(decideNext(true, "GET /chat").body()).contains("|carol|Metered|");
    assertThat(decideNext(true, "GET /chat").status()).isEqualTo(429);
    assertThat(ask("GET //chat").status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void identityThatBreaksIsAnswered(boolean filtered) throws Exception {
    IdentityResolver broken =
        request -> CompletableFuture.failedFuture(new IllegalStateException("broken"));
    if (filtered) {
      tomcat.filter(new IdentityFilter(broken, PathRules.DEFAULT, settings()), USUAL);
    }
    tomcat
        .filter(limiting(new FakeStore(), broken, settings(), chat(1)), USUAL)
        .servlet("/*", true, echo)
        .start();
    assertThat(ask("GET /chat").status()).isEqualTo(500);
    assertThat(echo.calls()).isZero();
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
