package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.identity.Identity;
import io.sluice.request.CanonicalPath;
import io.sluice.request.IpAddress;
import io.sluice.request.PathRules;
import io.sluice.request.RefusedPathException;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import java.net.InetAddress;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class IdentityForwardingTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String SPOOFED =
      Wire.head(
          "GET / HTTP/1.1",
          "Host: api.example.com",
          "Connection: x-user-id, x-forwarded-for",
          "X-User-Id: root",
          "X_User_Id: root",
          "x-user_roles: admin",
          "X_Forwarded_For: 6.6.6.6",
          "X_Real-IP: 6.6.6.6",
          "X-User-Roles: admin",
          "X-Forwarded-For: 6.6.6.6, 9.9.9.9",
          "X-Forwarded-For: 8.8.8.8",
          "X-Forwarded-Proto: https",
          "X-Forwarded-Host: evil",
          "X-Forwarded-Port: 1",
          "X-Forwarded-Server: evil",
          "X-Forwarded-Prefix: /evil",
          "X-Real-IP: 6.6.6.6",
          "Forwarded: for=6.6.6.6;host=evil",
          "Proxy: http://evil");

  @Test
  void nothingAnUntrustedPeerClaimsReachesTheUpstream() throws Exception {
    assertNothingClaimed(forwarded(SPOOFED, null));
    assertNothingClaimed(forwarded(SPOOFED, identity("127.0.0.1", null, Set.of(), false)));
  }

  private static void assertNothingClaimed(String head) {
    assertThat(head).doesNotContain("6.6.6.6", "9.9.9.9", "8.8.8.8", "evil", "root", "admin");
    assertThat(Wire.values(head, "X-Forwarded-For")).containsExactly("127.0.0.1");
    assertThat(Wire.values(head, "X-Forwarded-Proto")).containsExactly("http");
    assertThat(Wire.values(head, "X-Forwarded-Host")).containsExactly("api.example.com");
    assertThat(Wire.values(head, "X-Forwarded-Port")).containsExactly("80");
    assertThat(Wire.values(head, "Forwarded"))
        .containsExactly("for=127.0.0.1;host=api.example.com;proto=http");
    assertThat(Wire.values(head, "X-User-Id")).isEmpty();
    assertThat(Wire.values(head, "X-User-Roles")).isEmpty();
    assertThat(Wire.values(head, "X-Real-IP")).isEmpty();
  }

  @Test
  void aTrustedProxysChainGoesOnWithTheProxyAppended() throws Exception {
    String request =
        Wire.head(
            "GET / HTTP/1.1",
            "Host: in.example",
            "X-User-Id: alice",
            "X-User-Roles: a,b",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-For: 10.1.1.1",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: www.example",
            "X-Forwarded-Prefix: /p",
            "X-Real-IP: 203.0.113.9",
            "Forwarded: for=203.0.113.9;proto=https");
    String head = forwarded(request, identity("203.0.113.9", "alice", Set.of("b", "a"), true));
    assertThat(Wire.values(head, "X-Forwarded-For"))
        .containsExactly("203.0.113.9, 10.1.1.1, 127.0.0.1");
    assertThat(Wire.values(head, "Forwarded"))
        .containsExactly("for=203.0.113.9;proto=https, for=127.0.0.1;host=in.example;proto=http");
    assertThat(Wire.values(head, "X-Forwarded-Proto")).containsExactly("https");
    assertThat(Wire.values(head, "X-Forwarded-Host")).containsExactly("www.example");
    assertThat(Wire.values(head, "X-Forwarded-Prefix")).containsExactly("/p");
    assertThat(Wire.values(head, "X-Real-IP")).containsExactly("203.0.113.9");
    assertThat(Wire.values(head, "X-User-Id")).containsExactly("alice");
    assertThat(Wire.values(head, "X-User-Roles")).containsExactly("a,b");
  }

  @Test
  void aChainSaidInOneSpellingOnlyIsSaidInBoth() throws Exception {
    String request = "GET / HTTP/1.1\r\nHost: in.example\r\nX-Forwarded-For: 2001:db8::1\r\n\r\n";
    String head = forwarded(request, identity("2001:db8::1", null, Set.of(), true));
    assertThat(Wire.values(head, "X-Forwarded-For")).containsExactly("2001:db8::1, 127.0.0.1");
    assertThat(Wire.values(head, "Forwarded"))
        .containsExactly("for=\"[2001:db8::1]\", for=127.0.0.1;host=in.example;proto=http");
  }

  @Test
  void aUserProvenByAnApiKeyIsToldEvenFromAnUntrustedPeer() throws Exception {
    String head = forwarded(SPOOFED, identity("127.0.0.1", "mobile", Set.of("app"), false));
    assertThat(Wire.values(head, "X-User-Id")).containsExactly("mobile");
    assertThat(Wire.values(head, "X-User-Roles")).containsExactly("app");
  }

  @Test
  void aHostWithAPortIsQuotedAndAMissingOneIsNotInvented() throws Exception {
    String head = forwarded("GET / HTTP/1.1\r\nHost: a.example:81\r\n\r\n", null);
    assertThat(Wire.values(head, "Forwarded"))
        .containsExactly("for=127.0.0.1;host=\"a.example:81\";proto=http");
    assertThat(Wire.values(head, "X-Forwarded-Port")).containsExactly("81");
    head = forwarded("GET / HTTP/1.0\r\n\r\n", null);
    assertThat(Wire.values(head, "Forwarded")).containsExactly("for=127.0.0.1;proto=http");
    assertThat(head).doesNotContain("null").doesNotContain("X-Forwarded-Host");
    assertThat(Wire.values(head, "Host")).hasSize(1);
  }

  @Test
  void theCanonicalPathOfAFilterInFrontIsTheOneForwarded() throws Exception {
    Filter reading =
        (request, response, chain) -> {
          request.setAttribute(CanonicalPath.class.getName(), path("/chosen%2Fpath"));
          chain.doFilter(request, response);
        };
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, reading)) {
      gateway.get("/other?q=1");
      assertThat(upstream.head()).startsWith("GET /chosen%2Fpath?q=1 HTTP/1.1\r\n");
    }
  }

  private static CanonicalPath path(String raw) throws ServletException {
    try {
      return CanonicalPath.of(raw, new PathRules(true, true, true));
    } catch (RefusedPathException e) {
      throw new ServletException(e);
    }
  }

  private static String forwarded(String request, @Nullable Identity identity) throws Exception {
    Filter identifying =
        (q, response, chain) -> {
          q.setAttribute(Identity.class.getName(), identity);
          chain.doFilter(q, response);
        };
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, identifying)) {
      assertThat(gateway.ask(request).status()).isEqualTo(200);
      return upstream.head();
    }
  }

  private static Identity identity(
      String address, @Nullable String user, Set<String> roles, boolean trusted) {
    InetAddress ip = Objects.requireNonNull(IpAddress.parse(address));
    return new Identity(ip, address, user, null, roles, Map.of(), trusted);
  }
}
