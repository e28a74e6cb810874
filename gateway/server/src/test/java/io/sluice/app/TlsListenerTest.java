package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.app.RawClient.Answer;
import io.sluice.fixtures.Eventually;
import io.sluice.tls.CertificateSource;
import io.sluice.tls.Certificates;
import io.sluice.tls.TestAuthority;
import io.sluice.tls.TestAuthority.Issued;
import io.sluice.tls.TlsListener;
import io.sluice.tls.TlsSettings;
import jakarta.servlet.http.HttpServlet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
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
class TlsListenerTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  private static final Duration HANDSHAKE = Duration.ofSeconds(2);

  private static final TestAuthority AUTHORITY = new TestAuthority();
  private static final Issued FIRST =
      AUTHORITY.issue("RSA", Instant.now().plus(Duration.ofDays(90)), "a.example", "localhost");
  private static final Issued SECOND = AUTHORITY.issue("*.b.example");
  private RawUpstream upstream;
  private Certificates certificates;
  private TestGateway gateway;

  @TempDir Path folder;

  @BeforeEach
  void start() throws Exception {
    upstream = RawUpstream.answering(OK);
    gateway = gateway(List.of(FIRST.write(folder, "a"), SECOND.write(folder, "b")), false);
  }

  @AfterEach
  void stop() throws IOException {
    gateway.close();
    upstream.close();
  }

  @Test
  void theCertificateFollowsTheNameAskedFor() throws IOException {
    assertThat(shown("a.example")).isEqualTo(FIRST.chain().get(0));
    assertThat(shown("x.b.example")).isEqualTo(SECOND.chain().get(0));
    assertThat(shown("unknown.example")).isEqualTo(FIRST.chain().get(0));
    assertThat(shown(null)).isEqualTo(FIRST.chain().get(0));
  }

  @Test
  void aClientThatCannotVerifyTheKindOfKeyOfItsNameIsRefusedAndNotShownAnother() {
    assertThatThrownBy(() ->
            connect(
                "x.b.example",
                parameters -> {
                  parameters.setProtocols(new String[] {"TLSv1.2"});
                  parameters.setCipherSuites(
                      new String[] {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});
                }))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void theUpstreamLearnsThatTheClientCameByTls() throws Exception {
    assertThat(ask("a.example", "a.example").content()).isEqualTo("hi");
    assertThat(upstream.head()).contains("X-Forwarded-Proto: https\r\n");
    assertThat(gateway.get("/").status()).isEqualTo(200);
    assertThat(upstream.head()).contains("X-Forwarded-Proto: http\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void currentVersionsAreSpoken(String version) throws IOException {
    try (SSLSocket socket =
        connect("a.example", parameters -> parameters.setProtocols(new String[] {version}))) {
      assertThat(socket.getSession().getProtocol()).isEqualTo(version);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0x0300, 0x0301, 0x0302})
  void brokenVersionsAreRefused(int version) throws IOException {
    // Java offers them no more, so this greeting is written by hand.
    assertThat(alertTo(greeting(version, 0xc02f))).isEqualTo("alert 2 70");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x002f, 0x009c, 0x000a, 0xc013, 0xc027, 0x0005, 0x009e})
  void weakCiphersAreRefused(int suite) throws IOException {
    assertThat(alertTo(greeting(0x0303, suite))).isEqualTo("alert 2 40");
  }

  @Test
  void aStrongCipherIsTakenFromTheSameGreeting() throws IOException {
    assertThat(alertTo(greeting(0x0303, 0xc02f))).isEqualTo("handshake");
  }

  @Test
  void http2IsAgreedUponWhereTheClientSpeaksIt() throws Exception {
    for (HttpClient.Version version : HttpClient.Version.values()) {
      HttpClient client =
          HttpClient.newBuilder().sslContext(AUTHORITY.clientContext()).version(version).build();
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("https://localhost:" + port() + "/x"))
                  .POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.version()).isEqualTo(version);
      assertThat(answer.body()).isEqualTo("hi");
      assertThat(upstream.head()).contains("X-Forwarded-Proto: https\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "http/1.1"})
  void eachProtocolIsAgreedUponWithAClientThatSpeaksNoOther(String protocol) throws Exception {
    try (SSLSocket socket =
        connect(
            "a.example",
            parameters -> parameters.setApplicationProtocols(new String[] {protocol}))) {
      socket.startHandshake();
      assertThat(socket.getApplicationProtocol()).isEqualTo(protocol);
    }
  }

  @Test
  void protocolsThatAreNotSpokenAreRefused() {
    assertThatThrownBy(() ->
            connect(
                    "a.example",
                    parameters -> parameters.setApplicationProtocols(new String[] {"spdy/3"}))
                .getInputStream()
                .read())
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aSessionIsResumed(String version) throws Exception {
    SSLContext client = AUTHORITY.clientContext();
    long created = 0;
    for (int i = 0; i < 3; i++) {
      try (SSLSocket socket =
          connect(
              client, "a.example", parameters -> parameters.setProtocols(new String[] {version}))) {
        send(socket, "a.example");
        assertThat(answer(socket)).contains("200");
        if (i > 0) {
          assertThat(socket.getSession().getCreationTime()).isEqualTo(created);
        }
        created = socket.getSession().getCreationTime();
      }
      TimeUnit.MILLISECONDS.sleep(20); // So that a new session could not have the same time.
    }
  }

  @Test
  void aHostOfAnotherCertificateIsMisdirectedAndOthersAreNot() throws Exception {
    assertThat(ask("a.example", "x.b.example").status()).isEqualTo(421);
    assertThat(ask("x.b.example", "a.example").status()).isEqualTo(421);
    assertThat(ask("a.example", "localhost").status()).isEqualTo(200);
    assertThat(ask("a.example", "elsewhere.example").status()).isEqualTo(200);
    assertThat(ask(null, "10.0.0.1").status()).isEqualTo(200);
  }

  @Test
  void aClientThatDoesNotFinishItsHandshakeIsDisconnected() throws Exception {
    try (RawClient silent = new RawClient(port());
        RawClient dripping = new RawClient(port())) {
      long start = System.nanoTime();
      silent.socket().setSoTimeout(10_000);
      byte[] greeting = greeting(0x0303, 0xc02f);
      int sent = 0;
      boolean ended = false;
      dripping.socket().setSoTimeout(250);
      while (!ended && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10)) {
        try {
          dripping.send(Arrays.copyOfRange(greeting, sent, ++sent));
          ended = dripping.in().read() < 0;
        } catch (SocketTimeoutException notYet) {
          continue;
        } catch (IOException reset) {
          ended = true;
        }
      }
      assertThat(ended).isTrue();
      assertThat(silent.in().read()).isLessThan(0);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(HANDSHAKE.minusMillis(100), Duration.ofSeconds(9));
    }
    awaitNoConnections();
  }

  @Test
  void aConnectionOutlivesTheTimeOfItsHandshake() throws Exception {
    try (SSLSocket socket = connect("a.example", parameters -> {})) {
      send(socket, "a.example");
      assertThat(answer(socket)).contains("200");
      TimeUnit.MILLISECONDS.sleep(HANDSHAKE.toMillis() + 300);
      send(socket, "a.example");
      assertThat(answer(socket)).contains("200");
    }
  }

  @Test
  void plainHttpIsToldThatThisPortSpeaksTls() throws Exception {
    try (RawClient client = new RawClient(port())) {
      client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.content()).contains("use https://");
      assertThat(client.in().read()).isLessThan(0);
    }
    awaitNoConnections();
  }

  @Test
  void aClientIsCountedOnceAndTheLimitHoldsForBothPorts() throws Exception {
    try (SSLSocket one = connect("a.example", parameters -> {});
        RawClient two = gateway.connect()) {
      send(one, "a.example");
      assertThat(answer(one)).contains("200");
      two.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
      assertThat(two.answer().status()).isEqualTo(200);
      assertThat(gateway.server().connections().getConnections()).isEqualTo(2);
    }
    awaitNoConnections();
  }

  @Test
  void aNewCertificateServesNewConnectionsWhileOldOnesGoOn() throws Exception {
    try (SSLSocket before = connect("a.example", parameters -> {})) {
      send(before, "a.example");
      assertThat(answer(before)).contains("200");
      Issued renewed = AUTHORITY.issue("a.example");
      renewed.write(folder, "a");
      certificates.look();
      assertThat(shown("a.example")).isEqualTo(renewed.chain().get(0));
      send(before, "a.example");
      assertThat(answer(before)).contains("200");
    }
  }

  @Test
  void withTlsOnlyNothingElseListens() throws Exception {
    gateway.close();
    gateway = gateway(List.of(FIRST.write(folder, "a")), true);
    assertThat(gateway.port()).isNegative();
    assertThat(ask("a.example", "x.b.example").status()).as("one certificate").isEqualTo(200);
  }

  @Test
  void aTlsPortInUseIsSaidPlainly() throws Exception {
    int taken = port();
    try (GatewayServer late = server(List.of(FIRST.write(folder, "a")), taken, false)) {
      late.serve(List.of(), new HttpServlet() {});
      assertThatThrownBy(late::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + taken)
          .hasMessageContaining("server.tls.port");
    }
  }

  @Test
  void anAnswerThatBreaksOffDoesNotLookWholeToAnHttp10Client() throws Exception {
    upstream.close();
    gateway.close();
    upstream =
        RawUpstream.playing(call -> {
          call.readHead();
          call.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
          TimeUnit.MILLISECONDS.sleep(200);
        });
    gateway = gateway(List.of(FIRST.write(folder, "a")), false);
    try (SSLSocket socket = connect("a.example", parameters -> {})) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
          .as("an end without close_notify")
          .isInstanceOf(IOException.class);
    }
  }

  private TestGateway gateway(List<CertificateSource> sources, boolean only) throws Exception {
    return new TestGateway(
        server(sources, 0, only),
        TestGateway.upstream(upstream.port(), TestGateway.LONG, TestGateway.LONG),
        false,
        List.of());
  }

  private GatewayServer server(List<CertificateSource> sources, int port, boolean only)
      throws Exception {
    certificates = new Certificates(sources, InstantSource.system());
    TlsSettings settings =
        new TlsSettings(
            port,
            only,
            sources,
            TlsSettings.VERSIONS,
            TlsSettings.CIPHERS,
            false,
            HANDSHAKE,
            Duration.ofHours(1),
            100,
            Duration.ofHours(1));
    return new GatewayServer(
        TestGateway.server(TestGateway.LONG), new TlsListener(settings, certificates));
  }

  private int port() {
    return gateway.server().tlsPort();
  }

  private Certificate shown(@Nullable String name) throws IOException {
    try (SSLSocket socket = connect(name, parameters -> {})) {
      return socket.getSession().getPeerCertificates()[0];
    }
  }

  private Answer ask(@Nullable String name, String host) throws IOException {
    try (SSLSocket socket = connect(name, parameters -> {})) {
      send(socket, host);
      String head = Wire.readHead(socket.getInputStream());
      assertThat(head).isNotNull();
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      Wire.readBody(socket.getInputStream(), String.valueOf(head), content);
      return new Answer(String.valueOf(head), content.toString(StandardCharsets.ISO_8859_1));
    }
  }

  private static void send(SSLSocket socket, String host) throws IOException {
    String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  private static String answer(SSLSocket socket) throws IOException {
    String head = String.valueOf(Wire.readHead(socket.getInputStream()));
    Wire.readBody(socket.getInputStream(), head, new ByteArrayOutputStream());
    return head;
  }

  private SSLSocket connect(@Nullable String name, Consumer<SSLParameters> more)
      throws IOException {
    return connect(AUTHORITY.clientContext(), name, more);
  }

  private SSLSocket connect(SSLContext client, @Nullable String name, Consumer<SSLParameters> more)
      throws IOException {
    Socket bare = new Socket(InetAddress.getLoopbackAddress(), port());
    SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(bare, name, port(), true);
    socket.setSoTimeout(10_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(name == null ? List.of() : List.of(new SNIHostName(name)));
    more.accept(parameters);
    socket.setSSLParameters(parameters);
    try {
      socket.startHandshake();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    return socket;
  }

  private void awaitNoConnections() {
    Eventually.becomes(
        "no client is connected", () -> gateway.server().connections().getConnections() == 0);
  }

  /** Returns the first record that answers a greeting: "handshake", or "alert" with its fields. */
  private String alertTo(byte[] greeting) throws IOException {
    try (RawClient client = new RawClient(port())) {
      client.send(greeting);
      byte[] record = client.in().readNBytes(7);
      return switch (record[0]) {
        case 21 -> "alert " + record[5] + " " + record[6];
        case 22 -> "handshake";
        default -> "record " + record[0];
      };
    }
  }

  /** Returns a ClientHello (RFC 5246, section 7.4.1.2) of one version with one cipher suite. */
  private static byte[] greeting(int version, int suite) {
    List<Integer> hello = new ArrayList<>(List.of(version >> 8, version & 0xff));
    for (int i = 0; i < 32; i++) {
      hello.add(i);
    }
    hello.addAll(List.of(0, 0, 2, suite >> 8, suite & 0xff, 1, 0));
    List<Integer> extensions =
        List.of(
            0, 10, 0, 4, 0, 2, 0, 23, // groups: secp256r1
            0, 11, 0, 2, 1, 0, // uncompressed points
            0, 13, 0, 8, 0, 6, 4, 1, 4, 3, 8, 4); // signatures: RSA, ECDSA, PSS, with SHA-256
    hello.addAll(List.of(0, extensions.size()));
    hello.addAll(extensions);
    List<Integer> record =
        new ArrayList<>(List.of(22, 3, 1, 0, hello.size() + 4, 1, 0, 0, hello.size()));
    record.addAll(hello);
    byte[] octets = new byte[record.size()];
    for (int i = 0; i < octets.length; i++) {
      octets[i] = record.get(i).byteValue();
    }
    return octets;
  }
}
