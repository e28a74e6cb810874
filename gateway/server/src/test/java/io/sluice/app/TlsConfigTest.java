package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.GatewayFile;
import io.sluice.config.Problem;
import io.sluice.tls.CertificateSource;
import io.sluice.tls.TestAuthority;
import io.sluice.tls.TestAuthority.Issued;
import io.sluice.tls.TlsSettings;
import io.sluice.tls.UpstreamTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class TlsConfigTest {

  private final TestAuthority authority = new TestAuthority();

  @TempDir Path folder;

  @BeforeEach
  void issue() throws IOException {
    authority.issue("a.example").write(folder, "a");
    Files.writeString(folder.resolve("ca.pem"), authority.pem());
  }

  @Test
  void withoutCertificatesThereIsNoTls() {
    assertThat(read("").tls()).isNull();
    assertThat(read("").upstreamTls()).isEqualTo(UpstreamTls.STANDARD);
  }

  @Test
  void whatIsSetIsRead() {
    TlsSettings tls =
        read("""
        server.tls {
          port = 0, only = true, versions = [TLSv1.3], reload = 1s
          certificates = [{ cert = a.pem, key = a.key }]
          ciphers = [TLS_AES_128_GCM_SHA256], session-cache = 5, session-timeout = 2s
        }
        """)
            .tls();
    assertThat(tls)
        .isEqualTo(
            new TlsSettings(
                0,
                true,
                List.of(
                    new CertificateSource.PemFiles(
                        folder.resolve("a.pem"), folder.resolve("a.key"), null)),
                List.of("TLSv1.3"),
                List.of("TLS_AES_128_GCM_SHA256"),
                false,
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                5,
                Duration.ofSeconds(1)));
  }

  @Test
  void theDefaultsAreCurrent() {
    TlsSettings tls = read("server.tls.certificates = { cert = a.pem, key = a.key }").tls();
    assertThat(tls).isNotNull();
    assertThat(tls.versions()).isEqualTo(TlsSettings.VERSIONS);
    assertThat(tls.ciphers()).isEqualTo(TlsSettings.CIPHERS);
    assertThat(tls.port()).isEqualTo(8443);
    assertThat(tls.only()).isFalse();
  }

  @Test
  void whatIsWrongIsNamedByItsPlace() throws IOException {
    Issued other = authority.issue("b.example");
    Files.writeString(folder.resolve("b.key"), other.keyPem());
    assertThat(
            problems(
                """
                server.tls {
                  certificates = [
                    { cert = a.pem, key = b.key }
                    { cert = none.pem, key = a.key }
                    { cert = a.pem }
                    { cert = a.pem, key = a.key, pkcs12 = x.p12, password = hunter2 }
                    { pkcs12 = a.pem, password = hunter2 }
                  ]
                  versions = [TLSv1.1]
                  ciphers = [TLS_RSA_WITH_AES_128_CBC_SHA]
                }
                """))
        .satisfiesExactly(
            p ->
                assertThat(p)
                    .startsWith("gateway.conf:3: cert = a.pem: ")
                    .endsWith(
                        "b.key: the key does not belong to the first certificate of "
                            + folder.resolve("a.pem")),
            p ->
                assertThat(p)
                    .startsWith("gateway.conf:4: cert = none.pem: ")
                    .endsWith("none.pem: there is no such file"),
            p ->
                assertThat(p)
                    .isEqualTo(
                        "gateway.conf:5: cert = a.pem: expected cert and key, or pkcs12 alone"),
            p ->
                assertThat(p)
                    .isEqualTo(
                        "gateway.conf:6: cert = a.pem: expected cert and key, or pkcs12 alone"),
            p ->
                assertThat(p)
                    .startsWith("gateway.conf:7: pkcs12 = a.pem: ")
                    .contains("is no PKCS#12 file that Java can read"),
            p ->
                assertThat(p)
                    .isEqualTo(
                        "gateway.conf:9: server.tls.versions = [\"TLSv1.1\"]: expected some of"
                            + " TLSv1.3, TLSv1.2"),
            p ->
                assertThat(p)
                    .startsWith("gateway.conf:10: server.tls.ciphers = ")
                    .contains("expected some of TLS_AES_128_GCM_SHA256"))
        .noneMatch(p -> p.contains("hunter2"));
  }

  @Test
  void aCertificateThatHasExpiredIsAWarning() throws IOException {
    authority.issue("EC", Instant.now().minusSeconds(60), "a.example").write(folder, "a");
    assertThat(problems("server.tls.certificates = [{ cert = a.pem, key = a.key }]"))
        .singleElement()
        .asString()
        .startsWith("gateway.conf:1: warning: cert = a.pem: the certificate expired at ");
  }

  @Test
  void tlsOnlyWithoutCertificatesIsRefused() {
    assertThat(problems("server.tls.only = true"))
        .containsExactly(
            "gateway.conf:1: server.tls.only = true: no certificate is given, so nothing would"
                + " listen; add certificates");
  }

  @Test
  void tlsToTheUpstreamIsRead() {
    assertThat(
            read("""
            upstream = "https://api.internal"
            upstream-tls { ca = ca.pem, cert = a.pem, key = a.key, server-name = x.internal }
            """)
                .upstreamTls())
        .isEqualTo(
            new UpstreamTls(
                folder.resolve("ca.pem"),
                new CertificateSource.PemFiles(
                    folder.resolve("a.pem"), folder.resolve("a.key"), null),
                "x.internal",
                true));
  }

  @Test
  void whatIsWrongTowardsTheUpstreamIsNamedByItsPlace() {
    assertThat(
            problems(
                """
                upstream-tls {
                  ca = a.key
                  cert = a.pem
                  server-name = "a b"
                  insecure-skip-verify = true
                }
                """))
        .satisfiesExactlyInAnyOrder(
            p ->
                assertThat(p)
                    .startsWith("gateway.conf:2: upstream-tls.ca = a.key: ")
                    .contains("holds no certificate"),
            p -> assertThat(p).contains("gateway.conf:3: ", "expected both cert and key"),
            p -> assertThat(p).contains("gateway.conf:4: ", "expected a host's name"),
            p ->
                assertThat(p)
                    .startsWith("gateway.conf:5: warning: upstream-tls.insecure-skip-verify = true")
                    .contains("whoever is reached is taken for the upstream"));
  }

  private GatewayConfig read(String text) {
    GatewayFile file = GatewayFile.of("gateway.conf", folder, text, Map.of());
    GatewayConfig config = GatewayConfig.read(file);
    assertThat(file.problems().all()).isEmpty();
    return config;
  }

  private List<String> problems(String text) {
    GatewayFile file = GatewayFile.of("gateway.conf", folder, text, Map.of());
    GatewayConfig.read(file);
    return file.problems().all().stream().sorted(Problem.BY_PLACE).map(Problem::toString).toList();
  }
}
