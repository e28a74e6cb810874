package io.sluice.config;

import io.sluice.filter.AnswerSettings;
import io.sluice.filter.AnswerSettings.Dialect;
import io.sluice.identity.IdentitySettings;
import io.sluice.redis.RedisSettings;
import io.sluice.request.PathRules;
import io.sluice.store.StoreSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * What the limit engine and its filter are told: everything but the servers around them.
 *
 * @param redis how to reach Redis
 * @param store what is kept in this process
 * @param identity how callers are told apart
 * @param paths how paths are read
 * @param answers what is added to answers
 * @param policies the folder of policies
 * @param poll how often that folder is looked at where the system does not tell of changes
 */
public record EngineConfig(
    RedisSettings redis,
    StoreSettings store,
    IdentitySettings identity,
    PathRules paths,
    AnswerSettings answers,
    Path policies,
    Duration poll) {

  /** What becomes of an encoded slash or percent sign in a path. */
  private enum EncodedSlash {
    REFUSE,
    PASS
  }

  /**
   * Reads the engine's blocks. Whatever is wrong is added to the file's problems; the result counts
   * only when they hold no error.
   */
  public static EngineConfig read(Section root) {
    Section policies = root.section("policies");
    return new EngineConfig(
        RedisReader.read(root.section("redis")),
        store(root.section("local")),
        IdentityReader.read(root.section("identity")),
        paths(root.section("paths")),
        answers(root),
        policies.path("directory"),
        policies.duration("poll", Duration.ofMillis(100), Duration.ofHours(1)));
  }

  private static StoreSettings store(Section local) {
    return new StoreSettings(
        local.integer("buckets", 1_000, 100_000_000), local.integer("queue", 1, 1_000_000));
  }

  private static PathRules paths(Section paths) {
    return new PathRules(
        paths.flag("fold-case"),
        paths.flag("fold-trailing-slash"),
        paths.choice("encoded-slash", EncodedSlash.class) == EncodedSlash.PASS);
  }

  private static AnswerSettings answers(Section root) {
    Section cors = root.section("cors");
    for (String origin : cors.texts("origins")) {
      if (!origin.equals("*") && !isOrigin(origin)) {
        cors.problem("origins", "expected origins like \"https://app.example.com\", or \"*\"");
      }
    }
    return new AnswerSettings(
        Set.copyOf(root.section("headers").choices("dialects", Dialect.class)),
        cors.texts("origins"));
  }

  /** An origin is scheme, host and port, in the lower case that browsers send (RFC 6454). */
  private static boolean isOrigin(String text) {
    return text.matches("[a-z][a-z0-9+.-]*://[a-z0-9.:\\[\\]-]+");
  }
}
