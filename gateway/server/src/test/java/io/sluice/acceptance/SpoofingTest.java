package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client says of itself, and how it spells a path, must not find it another bucket. */
@Timeout(120)
class SpoofingTest {

  private static final String CHAT = "/api/chat/messages";

  private static final List<String[]> SPOOFS =
      List.of(
          new String[] {"X-User-Id: mallory"},
          new String[] {"x-user-id: mallory", "X-USER-ID: mallory2"},
          new String[] {"X-User-Roles: mallory-admin"},
          new String[] {"X-Forwarded-For: 66.6.6.6"},
          new String[] {"X-Forwarded-For: 66.6.6.6, 127.0.0.1", "X-Forwarded-For: 127.0.0.1"},
          new String[] {"Forwarded: for=66.6.6.6;proto=https", "Forwarded: for=\"[66::6]\""},
          new String[] {"X-Forwarded-Host: mallory.example", "X-Forwarded-Proto: mallory"},
          new String[] {"X-Real-IP: 66.6.6.6"},
          new String[] {"X-Api-Key: mallory"},
          new String[] {"Connection: x-user-id", "X-User-Id: mallory"},
          new String[] {"Connection: x-forwarded-for, forwarded", "X-Forwarded-For: 66.6.6.6"},
          new String[] {"X_User_Id: mallory"},
          new String[] {"X_Forwarded_For: 66.6.6.6"});

  @TempDir Path folder;

  private House house;

  @BeforeEach
  void build() throws IOException {
    house = new House(folder);
  }

  @AfterEach
  void close() {
    house.close();
  }

  @Test
  void whatAStrangerSaysOfItselfChangesNeitherItsBucketNorWhatTheUpstreamSees() throws Exception {
    for (String key : List.of("user", "ip", "role", "[user, ip]")) {
      String name = "by-" + key.replaceAll("\\W+", "-");
      house.policy(
          "chat",
          "match = \"POST /api/chat/**\"\nlimits = [ { id = %s, key = %s, rate = 20/hour } ]"
              .formatted(name, key));
      Gateway gateway = stranger();
      int left = 20;
      for (String[] spoof : SPOOFS) {
        Raw answer = Raw.post(gateway, CHAT, spoof);
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.field("X-RateLimit-Remaining"))
            .as("%s by %s", String.join(", ", spoof), key)
            .isEqualTo(Integer.toString(--left));
        assertThat(answer.content())
            .doesNotContain("mallory", "66.6.6.6", "66::6")
            .contains("\"X-Forwarded-For\":\"127.0.0.1\"");
      }
    }
  }

  @Test
  void aRefusedStrangerStaysRefusedWhateverItSays() throws Exception {
    house.policy(
        "chat", "match = \"POST /api/chat/**\"\nlimits = [ { key = user, rate = 1/hour } ]");
    Gateway gateway = stranger();
    assertThat(Raw.post(gateway, CHAT).status()).isEqualTo(201);
    for (String[] spoof : SPOOFS) {
      assertThat(Raw.post(gateway, CHAT, spoof).status()).isEqualTo(429);
    }
    assertThat(gateway.engine().localBuckets()).isEqualTo(1);
  }

  @Test
  void everySpellingOfAPathCountsInItsBucket() throws Exception {
    house.policy(
        "chat", "match = \"POST /api/chat/**\"\nlimits = [ { key = ip, rate = 100/hour } ]");
    Gateway gateway = stranger();
    int left = 100;
    for (String spelling :
        List.of(
            "/api/chat/messages",
            "/API/chat/messages",
            "/api/%63hat/messages",
            "/api/%63%48AT/messages",
            "/api/./chat/messages",
            "/api/%2e/chat/messages",
            "/api/x/../chat/messages",
            "/api/x/%2E%2e/chat/messages",
            "/api/chat;a=b/messages",
            "/api;v=1/chat;a=b;c/messages;x",
            "/api/chat/messages/",
            "/api/chat",
            "/api/chat/messages?x=//%2F",
            "http://api.example.com/API/./chat/messages")) {
      Raw answer = Raw.post(gateway, spelling);
      assertThat(answer.status()).as("%s: %s", spelling, answer.content()).isNotEqualTo(400);
      assertThat(answer.field("X-RateLimit-Remaining"))
          .as(spelling)
          .isEqualTo(Integer.toString(--left));
    }
  }

  @Test
  void aPathThatServersReadDifferentlyIsRefusedAndCostsNothing() throws Exception {
    Gateway gateway = stranger();
    for (String path :
        List.of(
            "/../api/chat/messages",
            "http://elsewhere.example/api/chat/messages",
            "//api/chat/messages",
            "/api//chat/messages",
            "/api/;a=b/chat/messages",
            "/api/x/..//chat/messages",
            "/api/%00/chat",
            "/api/%zz/chat",
            "/api\\chat\\messages",
            "/api/%5Cchat")) {
      Raw answer = Raw.post(gateway, path);
      assertProblem(path, answer);
    }
    for (String path : List.of("/api%2Fchat/messages", "/api/%252e%252e/chat", "/api/x%2f..")) {
      Raw answer = Raw.post(gateway, path);
      assertProblem(path, answer);
      assertThat(answer.content()).as(path).contains("paths.encoded-slash");
    }
    assertThat(gateway.engine().localBuckets()).isZero();
  }

  private static void assertProblem(String path, Raw answer) {
    assertThat(answer.status()).as(path).isEqualTo(400);
    assertThat(answer.field("Content-Type")).as(path).isEqualTo("application/problem+json");
    assertThat(answer.content()).as(path).contains("\"status\":400", "\"decision\":\"");
  }

  private Gateway stranger() throws IOException {
    return house.gateway("redis { enabled = false }", "identity.trusted-proxies = []");
  }
}
