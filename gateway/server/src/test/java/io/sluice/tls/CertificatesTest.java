package io.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.LogLines;
import io.sluice.pem.BadCertificateException;
import io.sluice.tls.TestAuthority.Issued;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class CertificatesTest {

  private final TestAuthority authority = new TestAuthority();
  private final LogLines log = new LogLines(Certificates.class);

  @TempDir Path folder;

  @AfterEach
  void stopListening() {
    log.close();
  }

  @Test
  void aNameIsServedByItsCertificateAWildcardByOneLabelAndTheRestByTheFirst() throws Exception {
    Issued first = authority.issue("first.example");
    Issued wild = authority.issue("*.wild.example", "wild.example");
    Issued exact = authority.issue("exact.wild.example");
    CertificateSet set =
        certificates(first.write(folder, "1"), wild.write(folder, "2"), exact.write(folder, "3"))
            .set();
    assertThat(serves(set, "FIRST.example")).isEqualTo(first.chain().get(0));
    assertThat(serves(set, "a.wild.example")).isEqualTo(wild.chain().get(0));
    assertThat(serves(set, "wild.example")).isEqualTo(wild.chain().get(0));
    assertThat(serves(set, "Exact.wild.example")).isEqualTo(exact.chain().get(0));
    assertThat(serves(set, "a.b.wild.example")).isEqualTo(first.chain().get(0));
    assertThat(serves(set, "example")).isEqualTo(first.chain().get(0));
    assertThat(serves(set, "unknown.example")).isEqualTo(first.chain().get(0));
    assertThat(serves(set, null)).isEqualTo(first.chain().get(0));
  }

  @Test
  void aHostIsMisdirectedWhereAnotherCertificateIsForIt() throws Exception {
    CertificateSet set =
        certificates(
                authority.issue("a.example", "b.example").write(folder, "1"),
                authority.issue("*.c.example").write(folder, "2"))
            .set();
    assertThat(set.isMisdirected("a.example", "A.example")).isFalse();
    assertThat(set.isMisdirected("a.example", "b.example")).isFalse();
    assertThat(set.isMisdirected("x.c.example", "y.c.example")).isFalse();
    assertThat(set.isMisdirected("a.example", "unknown.example")).isFalse();
    assertThat(set.isMisdirected("a.example", "x.c.example")).isTrue();
    assertThat(set.isMisdirected("x.c.example", "b.example")).isTrue();
    assertThat(set.isMisdirected(null, "x.c.example")).isTrue();
    assertThat(set.isMisdirected(null, "a.example")).isFalse();
  }

  @Test
  void twoKindsOfKeyForTheSameNamesAreBothOffered() throws Exception {
    Instant expiry = Instant.now().plus(Duration.ofDays(90));
    CertificateSet set =
        certificates(
                authority.issue("EC", expiry, "a.example").write(folder, "1"),
                authority.issue("RSA", expiry, "a.example").write(folder, "2"))
            .set();
    assertThat(set.candidates("a.example")).hasSize(2);
    assertThat(set.candidates(null)).hasSize(2);
  }

  @Test
  void rewrittenFilesAreReadAgain() throws Exception {
    Certificates certificates = certificates(authority.issue("a.example").write(folder, "a"));
    String before = certificates.set().all().get(0).fingerprint();
    certificates.look();
    assertThat(shown(certificates)).isEqualTo(before);

    Issued renewed = authority.issue("a.example");
    renewed.write(folder, "a");
    certificates.look();
    assertThat(certificates.set().all().get(0).chain()).isEqualTo(renewed.chain());
    assertThat(certificates.withFingerprint(before)).as("of handshakes under way").isNotNull();
    assertThat(log.get()).singleElement().asString().contains("is in force");
  }

  @Test
  void aLinkThatIsTurnedAroundCountsAsAChange() throws Exception {
    Path one = Files.createDirectory(folder.resolve("..one"));
    Path two = Files.createDirectory(folder.resolve("..two"));
    authority.issue("a.example").write(one, "tls");
    Issued renewed = authority.issue("a.example");
    renewed.write(two, "tls");
    Files.createSymbolicLink(folder.resolve("..data"), one.getFileName());
    Files.createSymbolicLink(folder.resolve("tls.pem"), Path.of("..data/tls.pem"));
    Files.createSymbolicLink(folder.resolve("tls.key"), Path.of("..data/tls.key"));
    Certificates certificates =
        certificates(
            new CertificateSource.PemFiles(
                folder.resolve("tls.pem"), folder.resolve("tls.key"), null));

    Files.createSymbolicLink(folder.resolve("..data_tmp"), two.getFileName());
    Files.move(
        folder.resolve("..data_tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    certificates.look();
    assertThat(certificates.set().all().get(0).chain()).isEqualTo(renewed.chain());
  }

  @Test
  void aBrokenFileKeepsTheCertificateAndIsToldOfOnceWhenItStays() throws Exception {
    Certificates certificates =
        certificates(
            authority.issue("a.example").write(folder, "a"),
            authority.issue("b.example").write(folder, "b"));
    String before = shown(certificates);
    Issued renewed = authority.issue("a.example");
    Files.writeString(folder.resolve("a.pem"), renewed.certPem());
    Issued other = authority.issue("b.example");
    other.write(folder, "b");
    certificates.look();
    assertThat(shown(certificates)).isEqualTo(before);
    assertThat(certificates.set().all().get(1).chain()).isEqualTo(other.chain());
    assertThat(log.get()).as("the key may be on its way").noneMatch(m -> m.contains("a.key"));

    certificates.look();
    certificates.look();
    certificates.reload();
    assertThat(log.get().stream().filter(m -> m.contains("a.key")))
        .singleElement()
        .asString()
        .contains("the key does not belong")
        .contains("the certificate read before stays in force");

    Files.writeString(folder.resolve("a.key"), renewed.keyPem());
    certificates.look();
    assertThat(certificates.set().all().get(0).chain()).isEqualTo(renewed.chain());
  }

  @Test
  void aVanishedFileKeepsTheCertificate() throws Exception {
    Certificates certificates = certificates(authority.issue("a.example").write(folder, "a"));
    String before = shown(certificates);
    Files.delete(folder.resolve("a.key"));
    certificates.reload();
    assertThat(shown(certificates)).isEqualTo(before);
    assertThat(log.get()).singleElement().asString().contains("a.key: there is no such file");
  }

  @Test
  void anExpiredCertificateDoesNotReplaceAValidOne() throws Exception {
    Certificates certificates = certificates(authority.issue("a.example").write(folder, "a"));
    String before = shown(certificates);
    authority.issue("EC", Instant.now().minusSeconds(9), "a.example").write(folder, "a");
    certificates.reload();
    assertThat(shown(certificates)).isEqualTo(before);
    assertThat(log.get()).singleElement().asString().contains("the certificate expired at");
  }

  @Test
  void anExpiryThatIsNearIsWarnedOf() throws Exception {
    Instant expiry = Instant.now().plus(Duration.ofDays(3));
    Certificates certificates =
        certificates(authority.issue("EC", expiry, "a.example").write(folder, "a"));
    assertThat(log.get()).singleElement().asString().contains("a.pem: the certificate expires at");
    assertThat(certificates.expiry(0)).isBetween(expiry.minusSeconds(1), expiry);
  }

  private static String shown(Certificates certificates) {
    return certificates.set().all().get(0).fingerprint();
  }

  private static Object serves(CertificateSet set, @Nullable String name) {
    return set.candidates(name).get(0).chain().get(0);
  }

  private static Certificates certificates(CertificateSource... sources)
      throws BadCertificateException {
    return new Certificates(List.of(sources), InstantSource.system());
  }
}
