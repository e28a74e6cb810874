package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.filter.AnswerSettings;
import io.sluice.filter.Continuation;
import io.sluice.filter.ProblemAnswer;
import io.sluice.request.Exchange;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ways past hand-overs between threads: that they work, are right, and can be switched off. */
class ShortcutsTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final int ROUNDS = 300;
  private static final AnswerSettings ANSWERS = new AnswerSettings(Set.of(), List.of());

  private final AtomicInteger handed = new AtomicInteger();
  private final ExecutorService store =
      Executors.newSingleThreadExecutor(job -> new Thread(job, "store"));

  @AfterEach
  void end() {
    store.shutdownNow();
  }

  @Test
  void requestThatNeverWaitsStaysOnItsThread() throws Exception {
    assertThat(handOvers(Shortcuts.ALL, null)).isLessThan(ROUNDS / 2);
  }

  @Test
  void requestThatWaitedGoesOnWithoutAnotherThread() throws Exception {
    Waiting waiting = new Waiting();
    assertThat(handOvers(Shortcuts.ALL, waiting)).isLessThan(ROUNDS / 2);
    assertThat(waiting.types).containsOnly(DispatcherType.REQUEST);
    assertThat(waiting.threads).contains("store");
  }

  @Test
  void withoutContinuingDirectlyItIsDispatched() throws Exception {
    Waiting waiting = new Waiting();
    handOvers(new Shortcuts(true, true, false, true), waiting);
    assertThat(waiting.types).containsOnly(DispatcherType.ASYNC);
  }

  @Test
  void withoutReadingOnEachRequestIsHandedOver() throws Exception {
    assertThat(handOvers(new Shortcuts(true, false, true, true), null)).isGreaterThan(ROUNDS / 2);
  }

  @Test
  void withoutServingOnSelectorsRequestsMayBlock() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway fast = gateway(Shortcuts.ALL, upstream, null);
        TestGateway plain = gateway(Shortcuts.NONE, upstream, null)) {
      assertThat(fast.get("/").text()).isEqualTo("ok");
      assertThat(plain.get("/").text()).isEqualTo("ok");
      assertThat(invocation(fast)).isEqualTo(InvocationType.NON_BLOCKING);
      assertThat(invocation(plain)).isEqualTo(InvocationType.BLOCKING);
    }
  }

  private static InvocationType invocation(TestGateway gateway) {
    return gateway.server().server().getDescendant(ServletContextHandler.class).getInvocationType();
  }

  @Test
  void theServersSelectorsServeBothSides() throws Exception {
    assertThat(channelsOnTheServersSelectors(Shortcuts.ALL)).isEqualTo(2);
  }

  @Test
  void withoutSharingTheyServeClientsOnly() throws Exception {
    assertThat(channelsOnTheServersSelectors(new Shortcuts(true, true, true, false))).isEqualTo(1);
  }

  /** Returns how many there are while one client and one connection to the upstream are open. */
  private int channelsOnTheServersSelectors(Shortcuts shortcuts) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = gateway(shortcuts, upstream, null);
        RawClient client = gateway.connect()) {
      assertThat(client.send(GET).answer().text()).isEqualTo("ok");
      assertThat(upstream.connectionsOpen()).isEqualTo(1);
      ServerConnector connector = (ServerConnector) gateway.server().server().getConnectors()[0];
      return connector.getSelectorManager().getBeans(ManagedSelector.class).stream()
          .mapToInt(ManagedSelector::getTotalKeys)
          .sum();
    }
  }

  @Test
  void connectionsToTheUpstreamAreNotTheServersOwn() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = gateway(Shortcuts.ALL, upstream, null);
        RawClient client = gateway.connect()) {
      assertThat(client.send(GET).answer().text()).isEqualTo("ok");
      assertThat(upstream.connectionsOpen()).isEqualTo(1);
      assertThat(gateway.server().connections().getConnections()).isEqualTo(1);
      assertThat(gateway.server().server().getConnectors()[0].getConnectedEndPoints()).hasSize(1);
    }
  }

  @Test
  void refusalAfterWaitingIsWholeAndTheConnectionGoesOn() throws Exception {
    Waiting waiting = new Waiting();
    waiting.instead =
        (request, response) ->
            new ProblemAnswer(ANSWERS).send(request, response, 418, "Teapot", "no");
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = gateway(Shortcuts.ALL, upstream, waiting);
        RawClient client = gateway.connect()) {
      for (int i = 0; i < 50; i++) {
        assertThat(client.send(GET).answer().text()).contains("\"Teapot\"");
        String body = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
        assertThat(client.send(body).answer().status()).isEqualTo(418);
      }
      assertThat(client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").answer(false).status())
          .isEqualTo(418);
    }
  }

  @Test
  void pipelinedRequestsThatWaitAreAnsweredInOrder() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                String path = call.head().split(" ", 3)[1];
                call.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + path);
              }
            });
        TestGateway gateway = gateway(Shortcuts.ALL, upstream, new Waiting());
        RawClient client = gateway.connect()) {
      StringBuilder requests = new StringBuilder();
      for (int i = 100; i < 300; i++) {
        requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
      }
      client.send(requests.toString());
      for (int i = 100; i < 300; i++) {
        assertThat(client.answer().text()).isEqualTo("/" + i);
      }
    }
  }

  @Test
  void contentIsForwardedAfterWaitingInBothVersionsOfHttp() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                int length = call.readBody().length;
                String text = Integer.toString(length);
                call.write(
                    "HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
              }
            });
        TestGateway gateway = gateway(Shortcuts.ALL, upstream, new Waiting());
        RawClient client = gateway.connect();
        Http2Caller caller = new Http2Caller(gateway.port())) {
      String big = "x".repeat(300_000);
      for (int i = 0; i < 5; i++) {
        String post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + big;
        assertThat(client.send(post).answer().text()).isEqualTo("300000");
        Http2Caller.Call call = caller.get("/");
        assertThat(call.end()).isEqualTo("end");
        assertThat(call.text()).isEqualTo("0");
      }
    }
  }

  @Test
  void failureAfterWaitingIsAnswered() throws Exception {
    Waiting waiting = new Waiting();
    waiting.instead =
        (request, response) -> {
          throw new ServletException("secret detail");
        };
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = gateway(Shortcuts.ALL, upstream, waiting);
        RawClient client = gateway.connect()) {
      for (int i = 0; i < 3; i++) {
        RawClient.Answer answer = client.send(GET).answer();
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.text()).contains("could not be served").doesNotContain("secret");
      }
    }
  }

  @Test
  void requestWhoseClientLeftMeanwhileIsLeftAlone() throws Exception {
    Waiting waiting = new Waiting();
    waiting.answersAtOnce = false;
    CountDownLatch ended = new CountDownLatch(1);
    GatewayServer server = new GatewayServer(TestGateway.server(TestGateway.LONG));
    server.onExchange(exchange ->
        exchange.listen(
            new Exchange.Listener() {
              @Override
              public void onEnd(Exchange.Outcome outcome) {
                ended.countDown();
              }
            }));
    waiting.continuation = server.continuation(ANSWERS);
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway =
            new TestGateway(
                server,
                TestGateway.upstream(upstream.port(), TestGateway.LONG, TestGateway.LONG),
                false,
                List.of(waiting));
        Http2Caller caller = new Http2Caller(gateway.port())) {
      Http2Caller.Call call = caller.get("/");
      CompletableFuture<Void> decision = waiting.decisions.poll(10, TimeUnit.SECONDS);
      call.reset();
      assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
      decision.complete(null);
      assertThat(waiting.types).isEmpty();
      assertThat(upstream.connectionsOpen()).isZero();
    }
  }

  @Test
  void twoFiltersMayWaitOneAfterTheOther() throws Exception {
    RequestThreads threads = new RequestThreads(20, 4, true);
    GatewayServer server = new GatewayServer(TestGateway.server(TestGateway.LONG), threads);
    Waiting one = new Waiting();
    Waiting two = new Waiting();
    one.continuation = server.continuation(ANSWERS);
    two.continuation = one.continuation;
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway =
            new TestGateway(
                server,
                TestGateway.upstream(upstream.port(), TestGateway.LONG, TestGateway.LONG),
                false,
                List.of(one, two));
        RawClient client = gateway.connect()) {
      for (int i = 0; i < 50; i++) {
        assertThat(client.send(GET).answer().text()).isEqualTo("ok");
      }
      assertThat(two.types).hasSize(50);
    }
  }

  @Test
  void threadThatIsLentRunsWhatItHandsOverButNoDeeper() throws Exception {
    RequestThreads threads = new RequestThreads(20, 4, true);
    threads.start();
    try {
      BlockingQueue<Thread> ran = new LinkedBlockingQueue<>();
      threads.lend(() ->
          threads.execute(() -> {
            ran.add(Thread.currentThread());
            threads.execute(() -> ran.add(Thread.currentThread()));
          }));
      assertThat(ran.take()).isSameAs(Thread.currentThread());
      assertThat(ran.poll(10, TimeUnit.SECONDS)).isNotSameAs(Thread.currentThread());
      threads.execute(() -> ran.add(Thread.currentThread()));
      assertThat(ran.poll(10, TimeUnit.SECONDS)).isNotSameAs(Thread.currentThread());
    } finally {
      threads.stop();
    }
  }

  @Test
  void lentThreadIsItsOwnersAgainAfterFailure() {
    RequestThreads threads = new RequestThreads(20, 4, true);
    assertThatThrownBy(() ->
            threads.lend(() -> {
              throw new IllegalStateException("on purpose");
            }))
        .isInstanceOf(IllegalStateException.class);
    AtomicInteger here = new AtomicInteger();
    assertThatThrownBy(() -> threads.execute(here::incrementAndGet))
        .isInstanceOf(java.util.concurrent.RejectedExecutionException.class);
    assertThat(here).hasValue(0);
  }

  /** Sends requests one after the other and returns how many jobs were handed to a thread. */
  private int handOvers(Shortcuts shortcuts, Waiting waiting) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = gateway(shortcuts, upstream, waiting);
        RawClient client = gateway.connect()) {
      for (int i = 0; i < ROUNDS; i++) {
        assertThat(client.send(GET).answer().text()).isEqualTo("ok");
      }
      return handed.get();
    }
  }

  private TestGateway gateway(Shortcuts shortcuts, RawUpstream upstream, Waiting waiting)
      throws IOException {
    return gateway(settings(shortcuts), upstream, waiting);
  }

  private static ServerSettings settings(Shortcuts shortcuts) {
    return new ServerSettings(
        "127.0.0.1", 0, TestGateway.LONG, 8192, 1000, Duration.ofSeconds(2), shortcuts);
  }

  private TestGateway gateway(ServerSettings settings, RawUpstream upstream, Waiting waiting)
      throws IOException {
    RequestThreads counting =
        new RequestThreads(20, 4, settings.shortcuts().readOn()) {
          @Override
          void hand(Runnable job) {
            handed.incrementAndGet();
            super.hand(job);
          }
        };
    GatewayServer server = new GatewayServer(settings, counting);
    if (waiting != null) {
      waiting.continuation = server.continuation(ANSWERS);
    }
    return new TestGateway(
        server,
        TestGateway.upstream(upstream.port(), TestGateway.LONG, TestGateway.LONG),
        false,
        waiting == null ? List.of() : List.of(waiting));
  }

  private interface Instead {
    void of(HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException;
  }

  /** Lets each request wait for another thread, then goes on, or does something instead. */
  private final class Waiting implements Filter {

    private final String waited = "waited-" + System.identityHashCode(this);
    private final BlockingQueue<DispatcherType> types = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> threads = new LinkedBlockingQueue<>();
    private final BlockingQueue<CompletableFuture<Void>> decisions = new LinkedBlockingQueue<>();
    private volatile Continuation continuation;
    private volatile Instead instead;
    private volatile boolean answersAtOnce = true;

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      HttpServletRequest http = (HttpServletRequest) request;
      HttpServletResponse answer = (HttpServletResponse) response;
      if (request.getAttribute(waited) != null) {
        goOn(http, answer, chain);
        return;
      }
      request.setAttribute(waited, true);
      CompletableFuture<Void> decision = new CompletableFuture<>();
      decisions.add(decision);
      continuation.afterwards(http, answer, decision, (again, reply) -> goOn(again, reply, chain));
      if (answersAtOnce) {
        store.execute(() -> decision.complete(null));
      }
    }

    private void goOn(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      types.add(request.getDispatcherType());
      threads.add(Thread.currentThread().getName());
      if (instead == null) {
        chain.doFilter(request, response);
      } else {
        instead.of(request, response);
      }
    }
  }
}
