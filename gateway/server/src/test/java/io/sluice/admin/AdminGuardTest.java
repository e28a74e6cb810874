package io.sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminGuardTest {

  private static final String TOKEN = "s3cret-token";

  private AdminHouse open;
  private AdminHouse guarded;

  @BeforeEach
  void start() throws Exception {
    open = new AdminHouse(null);
    guarded = new AdminHouse(TOKEN);
  }

  @AfterEach
  void stop() throws Exception {
    open.close();
    guarded.close();
  }

  @Test
  void withoutATokenLoopbackIsServed() throws Exception {
    assertThat(open.send("GET", "/admin/store")).startsWith("HTTP/1.1 200");
    assertThat(open.send("GET", "/admin/store", "Host: 127.0.0.1:1")).startsWith("HTTP/1.1 200");
    assertThat(open.send("GET", "/admin/store", "Host: [::1]")).startsWith("HTTP/1.1 200");
    assertThat(open.send("GET", "/admin/store", "X-Peer: ::1")).startsWith("HTTP/1.1 200");
  }

  @Test
  void withoutATokenOthersAreToldWhatToDo() throws Exception {
    String answer = open.send("GET", "/admin/store", "X-Peer: 192.0.2.7");
    assertThat(answer)
        .startsWith("HTTP/1.1 403")
        .contains("application/problem+json", "SLUICE_ADMIN_TOKEN");
    assertThat(open.send("GET", "/admin", "X-Peer: 192.0.2.7")).startsWith("HTTP/1.1 403");
    assertThat(open.send("POST", "/admin/reload", "X-Peer: ::ffff:192.0.2.7"))
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void healthAndMetricsAreForEverybody() throws Exception {
    for (String path : new String[] {"/health/live", "/health/ready", "/metrics"}) {
      assertThat(open.send("GET", path, "X-Peer: 192.0.2.7")).startsWith("HTTP/1.1 200");
      assertThat(guarded.send("GET", path)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aNameThatPointsAtLoopbackIsNotLoopback() throws Exception {
    assertThat(open.send("GET", "/admin/store", "Host: evil.example")).startsWith("HTTP/1.1 403");
    assertThat(open.send("GET", "/admin/store", "Host: localhost.evil.example"))
        .startsWith("HTTP/1.1 403");
    assertThat(open.send("GET", "/admin/store", "Host: 127.0.0.1.evil.example"))
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void pagesOfOtherOriginsAreRefused() throws Exception {
    String host = "Host: localhost:9090";
    for (String foreign :
        new String[] {
          "Origin: http://evil.example",
          "Origin: null",
          "Origin: http://localhost:3000",
          "Origin: https://localhost:9090",
          "Sec-Fetch-Site: cross-site",
          "Sec-Fetch-Site: same-site"
        }) {
      assertThat(open.send("POST", "/admin/reload", host, foreign)).startsWith("HTTP/1.1 403");
    }
    assertThat(open.send("POST", "/admin/reload", host, "Origin: http://localhost:9090"))
        .startsWith("HTTP/1.1 200");
    assertThat(open.send("GET", "/admin/store", host, "Sec-Fetch-Site: none"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void requestsThroughAProxyOnThisMachineAreNotOfThisMachine() throws Exception {
    assertThat(open.send("GET", "/admin/store", "X-Forwarded-For: 192.0.2.7"))
        .startsWith("HTTP/1.1 403");
    assertThat(open.send("GET", "/admin/store", "Forwarded: for=192.0.2.7"))
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void theTokenIsAskedForOnLoopbackToo() throws Exception {
    String answer = guarded.send("GET", "/admin/store");
    assertThat(answer)
        .startsWith("HTTP/1.1 401")
        .contains("WWW-Authenticate: Bearer realm=\"sluice\"\r\n")
        .contains("Cache-Control: no-store")
        .doesNotContain(TOKEN);
  }

  @Test
  void aWrongTokenIsRefused() throws Exception {
    for (String wrong :
        new String[] {
          "Bearer wrong", "Bearer " + TOKEN + "x", "Bearer ", "Basic " + TOKEN, TOKEN
        }) {
      assertThat(guarded.send("GET", "/admin/store", "Authorization: " + wrong))
          .startsWith("HTTP/1.1 401")
          .contains("error=\"invalid_token\"");
    }
  }

  @Test
  void theTokenLetsInFromAnywhere() throws Exception {
    String[] fields = {"Authorization: bearer " + TOKEN, "X-Peer: 192.0.2.7", "Host: gateway"};
    assertThat(guarded.send("GET", "/admin/store", fields)).startsWith("HTTP/1.1 200");
  }

  @Test
  void settingsNeverShowTheToken() {
    assertThat(new AdminSettings(true, "127.0.0.1", 9090, TOKEN).toString()).doesNotContain(TOKEN);
  }
}
