package io.sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.limit.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminPagesTest {

  private AdminHouse house;

  @BeforeEach
  void start() throws Exception {
    house = new AdminHouse(null);
  }

  @AfterEach
  void stop() throws Exception {
    house.close();
  }

  @Test
  void readinessStaysWhileRedisIsAwayAndSaysSo() throws Exception {
    house.view =
        new StoreView(
            "local",
            "redis://h:1/0",
            "open",
            Instant.EPOCH,
            "timeout",
            3,
            2,
            "half of each limit",
            new StoreView.Outage(60, 7, 50, 4, 3, 2, 1, true));
    assertThat(body("GET", "/health/ready"))
        .isEqualTo(
            """
            {
              "status" : "ready",
              "store" : "local",
              "policies" : "current"
            }
            """);
    assertThat(body("GET", "/admin/store"))
        .isEqualTo(
            """
            {
              "answering" : "local",
              "redis" : "redis://h:1/0",
              "breaker" : "open",
              "since" : "1970-01-01T00:00:00Z",
              "cause" : "timeout",
              "local-buckets" : 3,
              "gateways" : 2,
              "bound" : "half of each limit",
              "last-outage" : {
                "tokens-granted" : 60,
                "tokens-allowed" : 7,
                "tokens-debited" : 50,
                "tokens-overdrawn" : 4,
                "tokens-restored" : 3,
                "tokens-doubtful" : 2,
                "tokens-unreturned" : 1,
                "settling" : true
              }
            }
            """);
  }

  @Test
  void readinessEndsWhileStartingAndDraining() throws Exception {
    house.phase = Phase.DRAINING;
    assertThat(house.send("GET", "/health/ready")).startsWith("HTTP/1.1 503").contains("draining");
    assertThat(house.send("GET", "/health/live")).startsWith("HTTP/1.1 200");
    house.phase = Phase.STARTING;
    assertThat(house.send("GET", "/health/ready")).startsWith("HTTP/1.1 503").contains("starting");
  }

  @Test
  void metricsKeepTheirMediaType() throws Exception {
    assertThat(house.send("GET", "/metrics?name[]=x"))
        .startsWith("HTTP/1.1 200")
        .containsIgnoringCase("Content-Type: text/plain; version=0.0.4; charset=utf-8")
        .endsWith("# HELP x X.\n");
  }

  @Test
  void everyAnswerIsKeptOutOfCaches() throws Exception {
    for (String target : List.of("/health/live", "/metrics", "/admin/store", "/nowhere")) {
      assertThat(house.send("GET", target))
          .contains("Cache-Control: no-store", "X-Content-Type-Options: nosniff");
    }
  }

  @Test
  void headHasTheLengthAndNotTheBody() throws Exception {
    String answer = house.send("HEAD", "/admin/config");
    assertThat(answer).contains("Content-Length: 15").endsWith("\r\n\r\n");
    assertThat(house.send("GET", "/admin/config")).endsWith("\r\n\r\npassword = ***\n");
  }

  @Test
  void otherMethodsAreNamed() throws Exception {
    assertThat(house.send("OPTIONS", "/admin/limits"))
        .startsWith("HTTP/1.1 204")
        .contains("Allow: GET, HEAD, DELETE, OPTIONS");
    for (String method : List.of("POST", "PUT", "TRACE", "PATCH")) {
      assertThat(house.send(method, "/admin/store", "Content-Length: 0"))
          .startsWith("HTTP/1.1 405")
          .contains("Allow: GET, HEAD, OPTIONS");
    }
    assertThat(house.send("GET", "/admin/reload")).startsWith("HTTP/1.1 405");
  }

  @Test
  void unknownPathsNameTheKnownOnes() throws Exception {
    assertThat(house.send("GET", "/admin/polices"))
        .startsWith("HTTP/1.1 404")
        .contains("/admin/policies");
  }

  @Test
  void policiesShowTheBookAndWhatIsWrongOnDisk() throws Exception {
    house.reload =
        new Reloads.Outcome(
            false, Instant.EPOCH, List.of(new Complaint("chat.conf", 3, true, "rate is \"x\"")));
    assertThat(body("GET", "/admin/policies"))
        .contains("\"revision\" : \"rev-7\"", "\"outcome\" : \"refused\"")
        .contains("\"file\" : \"chat.conf\",\n", "\"line\" : 3", "\"rate is \\\"x\\\"\"")
        .contains("\"file\" : \"upload.conf\"", "\"path.tenant\",", "\"header.X-Plan\"")
        .contains("\"capacity\" : 5", "\"period-seconds\" : 60.0", "\"status\" : 503");
    assertThat(body("GET", "/health/ready")).contains("\"policies\" : \"reload-failed\"");
  }

  @Test
  void upstreamsShowEachServer() throws Exception {
    assertThat(body("GET", "/admin/upstreams")).isEqualTo("{\n  \"upstreams\" : [ ]\n}\n");
    house.upstreams =
        List.of(
            new UpstreamView(
                "api",
                true,
                7,
                List.of(
                    new UpstreamView.Server(
                        "http://a:1",
                        false,
                        Duration.ofMillis(90_500),
                        "refused",
                        3,
                        2,
                        1,
                        "java.net.ConnectException: refused",
                        Duration.ofMillis(1_500)))));
    assertThat(body("GET", "/admin/upstreams"))
        .isEqualTo(
            """
            {
              "upstreams" : [
                {
                  "name" : "api",
                  "panic" : true,
                  "retries" : 7,
                  "servers" : [
                    {
                      "url" : "http://a:1",
                      "healthy" : false,
                      "since" : "PT1M30S",
                      "cause" : "refused",
                      "open" : 3,
                      "resting" : 2,
                      "waiting" : 1,
                      "last-failure" : "java.net.ConnectException: refused",
                      "failed-ago" : "PT1S"
                    }
                  ]
                }
              ]
            }
            """);
  }

  @Test
  void reloadAnswersWithItsOutcome() throws Exception {
    assertThat(house.send("POST", "/admin/reload")).startsWith("HTTP/1.1 200").contains("accepted");
    house.reload =
        new Reloads.Outcome(
            false, Instant.EPOCH, List.of(new Complaint("chat.conf", 3, true, "no")));
    assertThat(house.send("POST", "/admin/reload")).startsWith("HTTP/1.1 422").contains("refused");
  }

  @Test
  void limitsShowWhatAUserHasLeft() throws Exception {
    house.charge("chat", "/api/chat/messages", "192.0.2.1", "alice", Map.of());
    String bucket = house.store.spent.keySet().iterator().next().inRedis("sluice:");
    assertThat(body("GET", "/admin/limits?user=alice&policy=chat"))
        .isEqualTo(
            """
            {
              "revision" : "rev-7",
              "limits" : [
                {
                  "policy" : "chat",
                  "limit" : "main",
                  "key" : [
                    "user"
                  ],
                  "bucket" : "%s",
                  "mode" : "enforce",
                  "cost" : 1,
                  "capacity" : 20,
                  "remaining" : 19,
                  "seconds-to-next" : 3.0,
                  "would-grant" : true,
                  "source" : "redis"
                }
              ],
              "undetermined" : [ ]
            }
            """
                .formatted(bucket));
  }

  @Test
  void lookingCreatesNothing() throws Exception {
    body("GET", "/admin/limits?user=bob&ip=192.0.2.1");
    assertThat(house.store.spent).isEmpty();
  }

  @Test
  void limitsThatTheQueryLeavesOpenSayWhatIsMissing() throws Exception {
    String answer = body("GET", "/admin/limits?user=alice");
    assertThat(answer.replaceAll("\\s+", ""))
        .contains("{\"policy\":\"auth\",\"limit\":\"main\",\"key\":[\"ip\"],\"missing\":[\"ip\"]}")
        .contains("\"missing\":[\"path.tenant\",\"header.X-Plan\"]")
        .contains("\"limit\":\"all\",\"key\":[\"global\"],\"bucket\":\"sluice:upload:all:");
  }

  @Test
  void namedSegmentsAndFieldsFindTheBucketThatRequestsUse() throws Exception {
    house.charge("upload", "/api/Acme%20Ltd/upload/x", "192.0.2.1", null, Map.of("X-Plan", "gold"));
    String byName = "path.tenant=Acme%20Ltd&header.x-plan=gold";
    String byPath = "method=POST&path=/api/ACME%2520Ltd/upload/y&header.X-Plan=gold";
    for (String query : List.of(byName, byPath)) {
      assertThat(body("GET", "/admin/limits?policy=upload&" + query))
          .contains("\"remaining\" : 19", "\"remaining\" : 4", "\"undetermined\" : [ ]");
    }
  }

  @Test
  void aNamedSegmentMayHoldASlash() throws Exception {
    assertThat(body("GET", "/admin/limits?policy=upload&path.tenant=a/b&header.X-Plan=gold"))
        .contains("\"limit\" : \"tenant\"", "\"undetermined\" : [ ]");
  }

  @Test
  void anEmptyPartIsACallerWithoutItAndCountedByAddress() throws Exception {
    house.charge("chat", "/api/chat", "2001:db8::1", null, Map.of());
    assertThat(body("GET", "/admin/limits?policy=chat&user=&ip=2001:db8::1"))
        .contains("\"remaining\" : 19");
    assertThat(body("GET", "/admin/limits?policy=chat&user="))
        .contains("\"limits\" : [ ]")
        .contains("\"ip\"");
  }

  @Test
  void resetMakesBucketsFullAndTellsWhich() throws Exception {
    house.charge("chat", "/api/chat", "192.0.2.1", "alice", Map.of());
    house.charge("chat", "/api/chat", "192.0.2.1", "bob", Map.of());
    assertThat(body("DELETE", "/admin/limits?user=alice&policy=chat"))
        .contains("\"policy\" : \"chat\"", "\"existed\" : true");
    assertThat(house.store.spent).hasSize(1);
    assertThat(body("DELETE", "/admin/limits?user=alice&policy=chat"))
        .contains("\"existed\" : false");
  }

  @Test
  void badQueriesAreRefusedWithTheRemedy() throws Exception {
    assertThat(house.send("GET", "/admin/limits?usr=alice"))
        .startsWith("HTTP/1.1 400")
        .contains("unknown parameter 'usr'; known are user, ip, api-key");
    assertThat(house.send("GET", "/admin/limits?header.=x")).startsWith("HTTP/1.1 400");
    assertThat(house.send("GET", "/admin/limits?user=a&user=b"))
        .startsWith("HTTP/1.1 400")
        .contains("more than once");
    assertThat(house.send("GET", "/admin/limits?ip=localhost")).startsWith("HTTP/1.1 400");
    assertThat(house.send("GET", "/admin/limits?path=/a")).contains("path needs method");
    assertThat(house.send("GET", "/admin/limits?path=/a//b&method=GET"))
        .startsWith("HTTP/1.1 400")
        .contains("empty segment");
    assertThat(house.send("GET", "/admin/limits?policy=upload&path.tenant=.."))
        .contains("one segment");
    assertThat(house.send("GET", "/admin/limits?policy=nope")).startsWith("HTTP/1.1 404");
    assertThat(house.send("DELETE", "/admin/limits")).startsWith("HTTP/1.1 400");
    assertThat(house.send("GET", "/admin/store?verbose=1")).startsWith("HTTP/1.1 400");
  }

  @Test
  void aStoreThatHangsOrFailsIsAnAnswerToo() throws Exception {
    house.store.hung = true;
    assertThat(house.send("GET", "/admin/limits?user=alice"))
        .startsWith("HTTP/1.1 503")
        .contains("2 seconds");
    house.store.failure = new StoreUnavailableException("no line to Redis", null);
    assertThat(house.send("DELETE", "/admin/limits?user=alice"))
        .startsWith("HTTP/1.1 503")
        .contains("no line to Redis");
  }

  private String body(String method, String target) throws Exception {
    String answer = house.send(method, target);
    assertThat(answer).startsWith("HTTP/1.1 200");
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }
}
