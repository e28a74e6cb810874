package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.RawClient.Answer;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LogLines;
import io.sluice.proxy.UpstreamFailure;
import io.sluice.proxy.UpstreamObserver;
import io.sluice.tls.CertificateSource;
import io.sluice.tls.TestAuthority;
import io.sluice.tls.TestAuthority.Issued;
import io.sluice.tls.UpstreamTls;
import io.sluice.upstream.UpstreamSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
class UpstreamTlsTest implements UpstreamObserver {

  private static final String GET = "GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  private static final TestAuthority AUTHORITY = new TestAuthority();

  private final LogLines log = new LogLines("io.sluice.tls.HandshakeLog");
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicReference<@Nullable SSLSocket> last = new AtomicReference<>();
  private volatile Socket bare = new Socket();
  private @Nullable RawUpstream upstream;
  private @Nullable GatewayServer server;
  private Path ca = Path.of("ca.pem");

  @TempDir Path folder;

  @BeforeEach
  void prepare() throws IOException {
    ca = Files.writeString(folder.resolve("ca.pem"), AUTHORITY.pem());
  }

  @AfterEach
  void stop() throws IOException {
    log.close();
    if (server != null) {
      server.close();
    }
    if (upstream != null) {
      upstream.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void requestsGoByTlsAndShareConnections(String version) throws Exception {
    serve(AUTHORITY.issue("localhost"), version, UpstreamTlsTest::answerAll);
    front("localhost", believing(null));
    // One client, whose next request is read when all of the last is over, at the upstream too.
    try (RawClient client = new RawClient(port())) {
      for (int i = 0; i < 20; i++) {
        assertThat(client.send(GET).answer().content()).isEqualTo("hi");
      }
    }
    assertThat(connections).hasValue(1);
    SSLSocket socket = last.get();
    assertThat(socket).isNotNull();
    assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
    assertThat(((ExtendedSSLSession) socket.getSession()).getRequestedServerNames())
        .singleElement()
        .asString()
        .contains("localhost");
  }

  @Test
  void largeContentPassesBothWays() throws Exception {
    String content = "x".repeat(3_000_000);
    serve(
        AUTHORITY.issue("localhost"),
        "TLSv1.3",
        call -> {
          while (call.readHead()) {
            byte[] body = call.readBody();
            call.write("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n");
            call.write(body);
          }
        });
    front("localhost", believing(null));
    String head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + content.length() + "\r\n\r\n";
    assertThat(RawClient.ask(port(), head + content).content()).isEqualTo(content);
  }

  @Test
  void anAddressIsVerifiedAsAddress() throws Exception {
    serve(AUTHORITY.issue("127.0.0.1"), "TLSv1.3", UpstreamTlsTest::answerAll);
    front("127.0.0.1", believing(null));
    assertThat(get().status()).isEqualTo(200);
  }

  @Test
  void anotherNameCanBeExpected() throws Exception {
    serve(AUTHORITY.issue("api.internal"), "TLSv1.3", UpstreamTlsTest::answerAll);
    front("localhost", believing("api.internal"));
    assertThat(get().status()).isEqualTo(200);
  }

  @Test
  void aCertificateForAnotherNameIsRefused() throws Exception {
    serve(AUTHORITY.issue("other.example"), "TLSv1.3", UpstreamTlsTest::answerAll);
    front("localhost", believing(null));
    assertUntrusted("its certificate is for another name");
    assertUntrustedAgain();
  }

  @Test
  void anAddressIsNotVerifiedByAName() throws Exception {
    serve(AUTHORITY.issue("localhost"), "TLSv1.3", UpstreamTlsTest::answerAll);
    front("127.0.0.1", believing(null));
    assertUntrusted("its certificate is for another name");
  }

  @Test
  void anUnknownAuthorityIsRefused() throws Exception {
    serve(new TestAuthority("Other").issue("localhost"), "TLSv1.3", UpstreamTlsTest::answerAll);
    front("localhost", believing(null));
    assertUntrusted("its certificate is not of an authority that is believed here; set ca");
  }

  @Test
  void withoutACaJavasAuthoritiesAreBelievedAndNoOther() throws Exception {
    serve(AUTHORITY.issue("localhost"), "TLSv1.3", UpstreamTlsTest::answerAll);
    front("localhost", UpstreamTls.STANDARD);
    assertUntrusted("its certificate is not of an authority that is believed here; set ca");
  }

  @Test
  void anExpiredCertificateIsRefused() throws Exception {
    serve(
        AUTHORITY.issue("EC", Instant.now().minusSeconds(60), "localhost"),
        "TLSv1.3",
        UpstreamTlsTest::answerAll);
    front("localhost", believing(null));
    assertUntrusted("its certificate has expired");
  }

  @Test
  void verificationCanBeSkipped() throws Exception {
    serve(new TestAuthority("Other").issue("x.example"), "TLSv1.3", UpstreamTlsTest::answerAll);
    front("localhost", new UpstreamTls(null, null, null, false));
    assertThat(get().status()).isEqualTo(200);
  }

  @Test
  void anUpstreamWithoutTlsIsRefused() throws Exception {
    upstream =
        RawUpstream.playing(call -> {
          call.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
          call.in().readAllBytes();
        });
    front("localhost", believing(null));
    assertUntrusted("SSL message");
  }

  @Test
  void theGatewayShowsItsOwnCertificateWhenAskedTo() throws Exception {
    CertificateSource own = AUTHORITY.issue("gateway.example").write(folder, "own");
    SSLContext context = AUTHORITY.issue("localhost").context(AUTHORITY);
    serve(new Listener(context, "TLSv1.3", true), UpstreamTlsTest::answerAll);
    front("localhost", new UpstreamTls(ca, own, null, true));
    assertThat(get().status()).isEqualTo(200);
    SSLSocket socket = last.get();
    assertThat(socket).isNotNull();
    assertThat(socket.getSession().getPeerPrincipal().getName()).isEqualTo("CN=gateway.example");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void anEndThatTheUpstreamDidNotSayIsNoWholeAnswer(String version) throws Exception {
    serve(
        AUTHORITY.issue("localhost"),
        version,
        call -> {
          while (call.readHead()) {
            call.write("HTTP/1.1 200 OK\r\n\r\nhalf");
            bare.shutdownOutput(); // As somebody on the way would, without a word of TLS.
          }
        });
    front("localhost", believing(null));
    try (RawClient client = new RawClient(port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      String head = client.head();
      assertThat(head).contains("Transfer-Encoding: chunked");
      assertThat(new String(client.in().readAllBytes())).doesNotContain("0\r\n\r\n");
    }
    awaitEvent("BROKEN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void anEndThatTheUpstreamSaidIsAWholeAnswer(String version) throws Exception {
    serve(
        AUTHORITY.issue("localhost"),
        version,
        call -> {
          call.readHead();
          call.write("HTTP/1.1 200 OK\r\n\r\nwhole");
        });
    front("localhost", believing(null));
    Answer answer = get();
    assertThat(answer.content()).isEqualTo("whole");
    awaitEvent("200");
  }

  @Test
  void anUpstreamThatNeverShakesHandsIsATimeOut() throws Exception {
    upstream = RawUpstream.playing(call -> call.in().readAllBytes());
    front("localhost", believing(null));
    long start = System.nanoTime();
    assertThat(get().status()).isEqualTo(504);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    assertThat(events).containsExactly("CONNECT_TIMEOUT");
  }

  private void assertUntrusted(String reason) throws IOException {
    Answer answer = get();
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.text()).contains("could not prove who it is").doesNotContain("certificate");
    assertThat(events).containsExactly("UNTRUSTED");
    assertThat(log.get())
        .singleElement()
        .asString()
        .startsWith("WARN TLS with the upstream ")
        .contains(reason);
  }

  private void assertUntrustedAgain() throws IOException {
    assertThat(get().status()).isEqualTo(502);
    assertThat(log.get()).as("one line a second").hasSizeLessThan(3);
  }

  private UpstreamTls believing(@Nullable String name) {
    return new UpstreamTls(ca, null, name, true);
  }

  private void serve(Issued shown, String version, RawUpstream.Script script) throws IOException {
    serve(new Listener(shown.context(AUTHORITY), version, false), script);
  }

  private void serve(ServerSocket listener, RawUpstream.Script script) {
    upstream =
        new RawUpstream(
            listener,
            call -> {
              connections.incrementAndGet();
              last.set((SSLSocket) call.socket());
              script.play(call);
            });
  }

  private static void answerAll(RawUpstream.Call call) throws IOException {
    while (call.readHead()) {
      call.readBody();
      call.write(OK);
    }
  }

  private void front(String host, UpstreamTls tls) throws IOException {
    assertThat(upstream).isNotNull();
    UpstreamSettings settings =
        new UpstreamSettings(
            URI.create("https://" + host + ":" + upstream.port()),
            Duration.ofSeconds(3),
            TestGateway.LONG,
            TestGateway.LONG,
            10,
            10);
    GatewayServer made = new GatewayServer(TestGateway.server(TestGateway.LONG));
    server = made;
    made.serve(List.of(), new TestFront(made, settings).observer(this).tls(tls).servlet());
    made.start();
  }

  private int port() {
    assertThat(server).isNotNull();
    return server.port();
  }

  private Answer get() throws IOException {
    return RawClient.ask(port(), GET);
  }

  private void awaitEvent(String event) {
    Eventually.becomes(() -> event + " is heard, not " + events, () -> events.contains(event));
  }

  @Override
  public void answered(int status, long nanos) {
    events.add(Integer.toString(status));
  }

  @Override
  public void failed(UpstreamFailure failure) {
    events.add(failure.name());
  }

  /** Accepts connections and speaks TLS on them, so that a test can end what is below. */
  private final class Listener extends ServerSocket {

    private final SSLContext context;
    private final String version;
    private final boolean asking;

    Listener(SSLContext context, String version, boolean asking) throws IOException {
      super(0, 50, InetAddress.getLoopbackAddress());
      this.context = context;
      this.version = version;
      this.asking = asking;
    }

    @Override
    public Socket accept() throws IOException {
      bare = super.accept();
      SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(bare, null, bare.getPort(), true);
      socket.setUseClientMode(false);
      socket.setNeedClientAuth(asking);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setProtocols(new String[] {version});
      parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
      socket.setSSLParameters(parameters);
      return socket;
    }
  }
}
