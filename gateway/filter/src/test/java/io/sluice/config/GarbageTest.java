package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.request.PathRules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever stands in a file, the answer is a list of problems and never a crash. */
final class GarbageTest {

  private static final int ROUNDS = 500;

  private static final List<String> WORDS =
      List.of(
          "match",
          "limits",
          "key",
          "rate",
          "burst",
          "cost",
          "mode",
          "bypass",
          "cidr",
          "server",
          "redis",
          "port",
          "timeout",
          "identity",
          "trusted-proxies",
          "keys",
          "sha256",
          "user",
          "ip",
          "20/min",
          "5/15min",
          "\"/api/**\"",
          "\"POST /a/{b}\"",
          "/a//b",
          "/a",
          "*",
          "**",
          "{",
          "}",
          "[",
          "]",
          "(",
          ")",
          "=",
          ":",
          "+=",
          ",",
          "\n",
          " ",
          "\t",
          "#",
          "//",
          "\"",
          "\"\"\"",
          "\\",
          "${A}",
          "${?B}",
          "${",
          "$",
          "include",
          "include \"x\"",
          "include url(\"http://x\")",
          "null",
          "true",
          "-1",
          "5.7",
          "1e999",
          "99999999999999999999",
          "10ms",
          "16KiB",
          ".",
          "..",
          "\u0000",
          "\uFEFF",
          "\u202E",
          "\uD800",
          "é",
          "%2F",
          "%",
          ";",
          "@",
          "`",
          "|",
          "&",
          "?",
          "^");

  @TempDir private Path folder = Path.of("");

  @Test
  void randomTextIsNeverMoreThanAProblem() throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      String text = text(new Random(round));
      Throwable thrown = catchThrowable(() -> readAll(text));
      assertThat(thrown == null || thrown instanceof ConfigProblemsException)
          .as("round %d: %s: %s", round, text, thrown)
          .isTrue();
    }
  }

  private void readAll(String text) throws IOException {
    Problems problems = new Problems();
    ReadingContext context = new ReadingContext(PathRules.DEFAULT, false, false, false);
    Snapshot snapshot =
        Snapshot.of(List.of(new PolicyFile("a", Path.of("a.conf"), text)), List.of());
    problems.addAll(PolicyReader.book(snapshot, context).problems());
    GatewayFile file =
        GatewayFile.of("gateway.conf", folder, text, Map.of("A", text, "REDIS_URL", text));
    EngineConfig.read(file.root());
    file.root().uri("upstream", "http", "https");
    file.settings();
    problems.addAll(file.problems().all());
    problems.addAll(keys(text).all());
    assertThat(problems.all().toString()).doesNotContain("\n");
    problems.orThrow();
  }

  private Problems keys(String text) throws IOException {
    Problems problems = new Problems();
    Path file = folder.resolve("keys.conf");
    Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    ApiKeysFile.read(file, problems);
    return problems;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int words = 1 + random.nextInt(40);
    for (int i = 0; i < words; i++) {
      text.append(
          random.nextInt(20) == 0
              ? String.valueOf((char) random.nextInt(0x10000))
              : WORDS.get(random.nextInt(WORDS.size())));
      text.append(random.nextBoolean() ? " " : "");
    }
    return text.toString();
  }
}
