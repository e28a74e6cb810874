package io.sluice.redis;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said of nodes that tell nothing: which one, why, and which key to correct. */
@Timeout(120)
class ClusterProblemsTest {

  @Test
  void aNodeThatIsNotThereIsToBeCorrectedWhereItIsNamed() {
    LocalRedis gone = LocalRedis.start();
    gone.close();
    assertProblem(
        gone,
        RedisLogin.NONE,
        "cannot be reached (connection refused); start Redis or correct redis.cluster.nodes, or"
            + " what the cluster announces");
  }

  @Test
  void aNodeThatWantsALoginSaysSo() {
    try (LocalRedis node = node("requirepass right")) {
      assertProblem(
          node,
          RedisLogin.NONE,
          "answers: NOAUTH Authentication required.; correct redis.username and redis.password"
              + " (REDIS_PASSWORD)");
      assertProblem(
          node,
          new RedisLogin(null, "wrong"),
          "answers: WRONGPASS invalid username-password pair or user is disabled.; correct"
              + " redis.username and redis.password (REDIS_PASSWORD)");
    }
  }

  @Test
  void aNodeWhoseUserMayNotAskIsNamedWithTheRemedy() {
    try (LocalRedis node = node("user ann on >secret ~sluice:* -@all +evalsha")) {
      assertProblem(
          node,
          new RedisLogin("ann", "secret"),
          "answers: NOPERM this user has no permissions to run the 'cluster|slots' command; grant"
              + " the user the commands and keys of docker/redis/users.acl");
    }
  }

  @Test
  void aServerThatIsNoNodeIsNamed() {
    try (LocalRedis alone = LocalRedis.start()) {
      assertProblem(
          alone,
          RedisLogin.NONE,
          "answers: ERR This instance has cluster support disabled; it is no node of a cluster; set"
              + " redis.host instead of redis.cluster.nodes");
    }
  }

  private static LocalRedis node(String line) {
    return LocalRedis.builder().directive("cluster-enabled yes").directive(line).start();
  }

  private static void assertProblem(LocalRedis node, RedisLogin login, String text) {
    RedisSettings settings =
        RedisSettings.at("nowhere", 1)
            .with(
                new RedisTopology.Cluster(List.of(new RedisAddress(LocalRedis.HOST, node.port()))))
            .with(login)
            .with(Duration.ofSeconds(1));
    String problem =
        "no node of redis-cluster://127.0.0.1:%d tells who serves its slots: redis://127.0.0.1:%d/0 %s"
            .formatted(node.port(), node.port(), text);
    try (ClusterLink link =
        new ClusterLink(settings, () -> System.currentTimeMillis() * 1_000_000, System::nanoTime)) {
      Eventually.becomes(problem, () -> link.problem().orElse("").startsWith(problem));
    }
  }
}
