package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.GatewayFile;
import io.sluice.config.Problem;
import io.sluice.tls.TestAuthority;
import io.sluice.tls.TestAuthority.Issued;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys serve for connections to Redis: fewer than serve towards clients and upstreams. */
@NullMarked
class RedisTlsKeyTest {

  private final TestAuthority authority = new TestAuthority();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA"})
  void aPlainKeyServes(String kind) throws IOException {
    Issued issued = issued(kind);
    assertThat(problems(issued, issued.keyPem())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA"})
  void aBareKeyIsToBeConverted(String kind) throws IOException {
    Issued issued = issued(kind);
    assertThat(problems(issued, issued.bareKeyPem()))
        .containsExactly(
            refused("is a key of another form; convert it: openssl pkcs8 -topk8 -nocrypt -in OLD"));
  }

  @Test
  void anEncryptedKeyIsToBeConverted() throws IOException {
    Issued issued = issued("EC");
    assertThat(
            problems(
                issued, issued.keyPem().replace("PRIVATE KEY-----", "ENCRYPTED PRIVATE KEY-----")))
        .singleElement()
        .asString()
        .contains("convert it: openssl pkcs8 -topk8 -nocrypt");
  }

  @Test
  void aKeyOfAKindThatIsNotSpokenThereIsNamed() throws IOException {
    Issued issued = issued("Ed25519");
    assertThat(problems(issued, issued.keyPem()))
        .containsExactly(
            refused(
                "keys of the kind EdDSA do not serve for connections to Redis; issue one of EC or"
                    + " RSA"));
  }

  @Test
  void anotherKeyAndNoneAreNamed() throws IOException {
    Issued issued = issued("EC");
    assertThat(problems(issued, issued("EC").keyPem()))
        .containsExactly(
            refused("is not the key of the certificate in " + folder.resolve("a.pem")));
    assertThat(problems(issued, issued.certPem()))
        .containsExactly(
            refused(
                "holds no private keys; expected one, as PEM text with -----BEGIN PRIVATE"
                    + " KEY-----"));
  }

  private Issued issued(String kind) {
    return authority.issue(kind, Instant.now().plus(Duration.ofDays(90)), "gateway");
  }

  private String refused(String text) {
    return "gateway.conf:1: redis.tls.key = a.key: %s: %s".formatted(folder.resolve("a.key"), text);
  }

  private List<String> problems(Issued issued, String key) throws IOException {
    Files.writeString(folder.resolve("a.pem"), issued.certPem());
    Files.writeString(folder.resolve("a.key"), key);
    GatewayFile file =
        GatewayFile.of(
            "gateway.conf",
            folder,
            "redis.tls { enabled = true, certificate = a.pem, key = a.key }",
            Map.of());
    GatewayConfig.read(file);
    return file.problems().all().stream().map(Problem::toString).toList();
  }
}
