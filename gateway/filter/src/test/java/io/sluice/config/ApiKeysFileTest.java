package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.identity.ApiKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ApiKeysFileTest {

  private static final String A = "aB".repeat(32);
  private static final String B = "cd".repeat(32);

  @TempDir private Path folder = Path.of("");

  @Test
  void keysAreReadWithTheirUserAndRoles() throws IOException {
    Problems problems = new Problems();
    List<ApiKey> keys =
        read(
            "keys = [ { id = mobile, sha256 = \"%s\", user = svc, roles = [a, b] }\n{ id = b, sha256 = %s } ]"
                .formatted(A, B),
            problems);
    assertThat(problems.all()).isEmpty();
    assertThat(keys)
        .containsExactly(
            new ApiKey("mobile", HexFormat.of().parseHex(A), "svc", Set.of("a", "b")),
            new ApiKey("b", HexFormat.of().parseHex(B), null, Set.of()));
  }

  @Test
  void everyBadEntryIsNamedWithItsLineAndNotItsDigest() throws IOException {
    Problems problems = new Problems();
    List<ApiKey> keys =
        read(
            """
            keys = [
              { id = good, sha256 = %s }
              { id = good, sha256 = %s }
              { id = same, sha256 = %s }
              { id = "a b", sha256 = sk_live_topsecret }
              { sha: x }
              { id = empty, sha256 = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 }
              "sk_live_topsecret"
            ]
            """
                .formatted(A, B, A),
            problems);
    assertThat(keys).extracting(ApiKey::id).containsExactly("good");
    assertThat(problems.all())
        .extracting(problem -> problem.line() + ": " + problem.message())
        .containsExactly(
            "3: id = good: stands here twice: expected each id once",
            "4: sha256: another entry has the same key: expected each key once",
            "5: id = \"a b\": expected letters, digits and . _ -, at most 64 of them",
            "5: sha256: expected 64 hex digits, as printf %s \"$KEY\" | sha256sum prints",
            "6: unknown key 'keys.sha': expected id, roles, sha256 or user",
            "6: id: missing",
            "6: sha256: missing",
            "7: sha256: this is the digest of an empty key",
            "8: keys: expected blocks, [ { ... } ]");
  }

  @Test
  void aSyntaxErrorShowsNothingOfTheLine() throws IOException {
    Problems problems = new Problems();
    read("keys = [ {\n sha256 = sk*live*topsecret\n} ]", problems);
    assertThat(problems.all())
        .extracting(problem -> problem.line() + ": " + problem.message())
        .containsExactly(
            "2: '*' stands outside quotes: expected paths, URLs and the like in quotes");
  }

  @Test
  void theFileIsFoundBesideTheSettingsThatNameIt() throws IOException {
    Files.writeString(folder.resolve("keys.conf"), "keys = { id = a, sha256 = " + A + " }");
    GatewayFile file =
        GatewayFile.of("gateway.conf", folder, "identity.api-keys.file = keys.conf", Map.of());
    assertThat(EngineConfig.read(file.root()).identity().apiKeys()).hasSize(1);
    GatewayFile missing =
        GatewayFile.of("gateway.conf", folder, "identity.api-keys.file = key.conf", Map.of());
    EngineConfig.read(missing.root());
    assertThat(missing.problems().all())
        .extracting(Problem::toString)
        .containsExactly(folder.resolve("key.conf") + ": does not exist");
  }

  private List<ApiKey> read(String text, Problems problems) throws IOException {
    return ApiKeysFile.read(Files.writeString(folder.resolve("keys.conf"), text), problems);
  }
}
