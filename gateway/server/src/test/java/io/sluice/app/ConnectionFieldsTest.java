package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields of one connection end with it, in both directions (RFC 9110, section 7.6.1). */
@Timeout(60)
class ConnectionFieldsTest {

  private static final String OTHERS =
      "Keep-Alive: timeout=5, max=9\r\nProxy-Connection: keep-alive\r\n"
          + "TE: gzip\r\nProxy-Authenticate: Basic\r\nX-Kept: 1\r\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection: close, X-Foo\r\n",
        "Connection: X-Foo\r\nConnection: close\r\n",
        "connection: x-foo\r\n",
        "CONNECTION:keep-alive ,\t X-FOO ,,\r\n",
        "Connection: ,, x-foo\r\nConnection:\r\n",
        "Connection: X-Foo, X-Foo, x-foo\r\n",
        "Connection: keep-alive\r\nConnection: X-Foo\r\n"
      })
  void namedOnesGoNoFurther(String connection) throws Exception {
    String fields = connection + "X-Foo: 1\r\nx-foo: 2\r\n" + OTHERS;
    try (RawUpstream upstream =
            RawUpstream.answering(
                "HTTP/1.1 200 OK\r\nUpgrade: h2c\r\n" + fields + "Content-Length: 2\r\n\r\nok");
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.ask("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
      assertThat(answer.text()).isEqualTo("ok");
      for (String head : List.of(upstream.head(), answer.head())) {
        assertThat(Wire.values(head, "X-Kept")).containsExactly("1");
        for (String name :
            List.of(
                "X-Foo", "Keep-Alive", "Proxy-Connection", "Upgrade", "TE", "Proxy-Authenticate")) {
          assertThat(Wire.values(head, name)).as(name).isEmpty();
        }
        assertThat(Wire.values(head, "Connection")).isSubsetOf("close");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "content-length",
        "Content-Length, close",
        "transfer-encoding",
        "Host",
        "host, content-length, transfer-encoding, content-type, connection"
      })
  void namingAFieldThatFramesOrRoutesChangesNothing(String named) throws Exception {
    try (RawUpstream upstream =
            RawUpstream.answering(
                "HTTP/1.1 200 OK\r\nConnection: "
                    + named
                    + "\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nok");
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer =
          gateway.ask(
              "POST / HTTP/1.1\r\nHost: a\r\nConnection: "
                  + named
                  + "\r\nContent-Type: a/b\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(answer.text()).isEqualTo("ok");
      String head = upstream.head();
      assertThat(Wire.values(head, "Content-Length")).containsExactly("3");
      assertThat(Wire.values(head, "Transfer-Encoding")).isEmpty();
      assertThat(Wire.values(head, "Host")).containsExactly("a");
      assertThat(Wire.values(answer.head(), "Content-Length")).containsExactly("2");
      for (String either : List.of(head, answer.head())) {
        assertThat(Wire.values(either, "Content-Type")).containsExactly("a/b");
      }
      gateway.ask(
          "POST / HTTP/1.1\r\nHost: a\r\nConnection: "
              + named
              + "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
      assertThat(Wire.values(upstream.head(), "Transfer-Encoding")).containsExactly("chunked");
    }
  }
}
