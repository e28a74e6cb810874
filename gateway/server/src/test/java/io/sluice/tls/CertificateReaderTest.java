package io.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.pem.BadCertificateException;
import io.sluice.tls.TestAuthority.Issued;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
class CertificateReaderTest {

  private static final Instant SOON = Instant.now().plus(Duration.ofDays(90));

  private final TestAuthority authority = new TestAuthority();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA", "Ed25519"})
  void keysOfEveryKindAreRead(String kind) throws Exception {
    Issued issued = authority.issue(kind, SOON, "A.example", "*.b.example", "10.0.0.1");
    ServerCertificate read = read(issued.certPem(), issued.keyPem(), null);
    assertThat(read.key()).isEqualTo(issued.keys().getPrivate());
    assertThat(read.chain()).isEqualTo(issued.chain());
    assertThat(read.names()).containsExactlyInAnyOrder("a.example", "*.b.example");
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA"})
  void bareKeysOfOldAreRead(String kind) throws Exception {
    Issued issued = authority.issue(kind, SOON, "a.example");
    String bare = issued.bareKeyPem();
    assertThat(bare).startsWith("-----BEGIN " + kind + " PRIVATE KEY-----");
    assertThat(read(issued.certPem(), "Some words before.\n" + bare, null).key())
        .isEqualTo(issued.keys().getPrivate());
  }

  @ParameterizedTest
  @ValueSource(strings = {"PBEWithHmacSHA256AndAES_256", "PBEWithSHA1AndDESede"})
  void anEncryptedKeyIsReadWithItsPassword(String algorithm) throws Exception {
    Issued issued = authority.issue("a.example");
    String key = encrypted(issued, algorithm);
    assertThat(read(issued.certPem(), key, "sesame").key()).isEqualTo(issued.keys().getPrivate());
    assertBad(issued.certPem(), key, "simsim", "key-password does not open the key");
    assertBad(issued.certPem(), key, null, "the key is encrypted; set key-password");
  }

  @Test
  void keyAndCertificateMayStandInOneFileWithWindowsLines() throws Exception {
    Issued issued = authority.issue("a.example");
    String both = (issued.keyPem() + issued.certPem()).replace("\n", "\r\n");
    assertThat(read(both, both, null).chain()).hasSize(2);
  }

  @Test
  void aPkcs12FileIsRead() throws Exception {
    Issued issued = authority.issue("a.example");
    Path file = folder.resolve("a.p12");
    write(file, issued.store("sesame"), "sesame");
    assertThat(CertificateReader.read(new CertificateSource.Pkcs12File(file, "sesame")).chain())
        .isEqualTo(issued.chain());
    for (String wrong : new String[] {"simsim", ""}) {
      assertThatThrownBy(
              () -> CertificateReader.read(new CertificateSource.Pkcs12File(file, wrong)))
          .isInstanceOf(BadCertificateException.class)
          .hasMessage(file + ": the password does not open it");
    }
    Files.writeString(file, "junk");
    assertThatThrownBy(
            () -> CertificateReader.read(new CertificateSource.Pkcs12File(file, "sesame")))
        .hasMessageStartingWith(file + ": is no PKCS#12 file that Java can read");
  }

  @Test
  void aStoreWithoutAKeyIsRefused() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("ca", authority.certificate());
    Path file = folder.resolve("a.p12");
    write(file, store, "sesame");
    assertThatThrownBy(
            () -> CertificateReader.read(new CertificateSource.Pkcs12File(file, "sesame")))
        .hasMessage(file + ": holds 0 keys with certificates; expected one");
  }

  @Test
  void aKeyOfAnotherCertificateIsRefused() throws Exception {
    Issued issued = authority.issue("a.example");
    String other = authority.issue("a.example").keyPem();
    assertBad(issued.certPem(), other, null, "the key does not belong to the first certificate");
    String rsa = authority.issue("RSA", SOON, "a.example").keyPem();
    assertBad(issued.certPem(), rsa, null, "is of another kind than the certificate's (EC)");
  }

  @Test
  void anotherRsaKeyIsRefused() throws Exception {
    Issued issued = authority.issue("RSA", SOON, "a.example");
    String other = authority.issue("RSA", SOON, "a.example").bareKeyPem();
    assertBad(issued.certPem(), other, null, "the key does not belong to the first certificate");
  }

  @Test
  void aChainOutOfOrderIsRefused() throws Exception {
    Issued issued = authority.issue("a.example");
    String reversed =
        authority.pem()
            + issued.certPem().substring(0, issued.certPem().indexOf("-----END"))
            + "-----END CERTIFICATE-----\n";
    assertBad(reversed, issued.keyPem(), null, "out of order, certificate 2 (CN=a.example)");
  }

  @Test
  void filesThatHoldSomethingElseAreNamed() throws Exception {
    Issued issued = authority.issue("a.example");
    assertBad("junk", issued.keyPem(), null, "a.pem: holds no certificate; expected PEM text");
    assertBad(issued.certPem(), "junk", null, "a.key: holds no private keys; expected one");
    String damaged = issued.certPem().replaceFirst("\nMI", "\n%%");
    assertBad(damaged, issued.keyPem(), null, "the block CERTIFICATE is damaged");
    String half = issued.certPem().substring(0, issued.certPem().lastIndexOf("-----END"));
    assertBad(half, issued.keyPem(), null, "the block CERTIFICATE is cut off");
    String empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assertBad(empty, issued.keyPem(), null, "a.pem: certificate 1 cannot be read");
    assertBad(
        issued.certPem(),
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES,AA\n\nAAAA\n"
            + "-----END RSA PRIVATE KEY-----\n",
        null,
        "encrypted in an outdated way; convert it with openssl pkcs8 -topk8");
    assertBad(
        issued.certPem(),
        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
        null,
        "a.key: the key cannot be read");
  }

  @Test
  void aMissingFileIsNamed() {
    Path none = folder.resolve("none.pem");
    assertThatThrownBy(
            () -> CertificateReader.read(new CertificateSource.PemFiles(none, none, null)))
        .hasMessage(none + ": there is no such file");
  }

  @Test
  void whatClientsWillNotAcceptIsDoubted() throws Exception {
    Instant now = Instant.now();
    assertThat(doubts(authority.issue("EC", now.minusSeconds(5), "a.example"), now))
        .singleElement()
        .asString()
        .startsWith("the certificate expired at ");
    Issued young =
        authority.issue(TestAuthority.keys("EC"), now.plusSeconds(600), SOON, "a.example");
    assertThat(doubts(young, now)).singleElement().asString().contains("valid only from");
    assertThat(doubts(authority.issue("EC", now.plus(Duration.ofDays(13)), "a.example"), now))
        .singleElement()
        .asString()
        .startsWith("the certificate expires at ");
    assertThat(doubts(authority.issue("EC", now.plus(Duration.ofDays(15)), "a.example"), now))
        .isEmpty();
    assertThat(doubts(authority.issue(), now))
        .singleElement()
        .asString()
        .contains("no subject alternative name");
  }

  private List<String> doubts(Issued issued, Instant now) throws Exception {
    return read(issued.certPem(), issued.keyPem(), null).doubts(now);
  }

  private ServerCertificate read(String cert, String key, @Nullable String password)
      throws IOException, BadCertificateException {
    return CertificateReader.read(
        new CertificateSource.PemFiles(
            Files.writeString(folder.resolve("a.pem"), cert),
            Files.writeString(folder.resolve("a.key"), key),
            password));
  }

  private void assertBad(String cert, String key, @Nullable String password, String message) {
    assertThatThrownBy(() -> read(cert, key, password))
        .isInstanceOf(BadCertificateException.class)
        .hasMessageStartingWith(folder + "/a.")
        .hasMessageContaining(message);
  }

  private static void write(Path file, KeyStore store, String password) throws Exception {
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, password.toCharArray());
    }
  }

  private static String encrypted(Issued issued, String algorithm)
      throws GeneralSecurityException, IOException {
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(
        Cipher.ENCRYPT_MODE,
        SecretKeyFactory.getInstance(algorithm)
            .generateSecret(new PBEKeySpec("sesame".toCharArray())),
        new PBEParameterSpec(new byte[8], 2048));
    AlgorithmParameters parameters = cipher.getParameters();
    byte[] octets = cipher.doFinal(issued.keys().getPrivate().getEncoded());
    if (!algorithm.contains("Hmac")) {
      return TestAuthority.pem(
          "ENCRYPTED PRIVATE KEY", new EncryptedPrivateKeyInfo(parameters, octets).getEncoded());
    }
    // Java 17 knows no name for the identifier of PBES2, which its parameters may bring with them.
    byte[] encoded = parameters.getEncoded();
    byte[] identifier =
        encoded[2] == 6 || encoded[3] == 6
            ? encoded
            : TestAuthority.tag(0x30, HexFormat.of().parseHex("06092a864886f70d01050d"), encoded);
    return TestAuthority.pem(
        "ENCRYPTED PRIVATE KEY", TestAuthority.tag(0x30, identifier, TestAuthority.tag(4, octets)));
  }
}
