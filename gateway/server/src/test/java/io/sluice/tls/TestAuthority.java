package io.sluice.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;

/** An authority that issues certificates for tests (RFC 5280), so that none is ever committed. */
public final class TestAuthority {

  private static final AtomicLong SERIALS = new AtomicLong(1);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final byte[] ECDSA_SHA256 = hex("06082a8648ce3d040302");
  private static final byte[] CONSTRAINTS = hex("0603551d13");
  private static final byte[] ALTERNATIVE_NAMES = hex("0603551d11");
  private static final byte[] TRUE = hex("0101ff");

  private final KeyPair keys;
  private final X509Certificate certificate;

  public TestAuthority() {
    this("Test Authority");
  }

  public TestAuthority(String name) {
    keys = keys("EC");
    X500Principal self = new X500Principal("CN=" + name);
    Instant now = Instant.now();
    byte[] isAuthority = extension(CONSTRAINTS, TRUE, tag(0x30, TRUE));
    certificate =
        signed(
            keys,
            self,
            self,
            keys,
            now.minusSeconds(60),
            now.plus(Duration.ofDays(99)),
            isAuthority);
  }

  /** A certificate, its issuer, and its key. */
  public record Issued(KeyPair keys, List<X509Certificate> chain) {

    public String certPem() {
      StringBuilder pem = new StringBuilder();
      chain.forEach(each -> pem.append(pem("CERTIFICATE", encoded(each))));
      return pem.toString();
    }

    public String keyPem() {
      return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    /** Returns the key as OpenSSL of old wrote it: PKCS#1 or SEC1. */
    public String bareKeyPem() {
      return pem(
          keys.getPrivate().getAlgorithm() + " PRIVATE KEY",
          lastElement(keys.getPrivate().getEncoded()));
    }

    public CertificateSource write(Path folder, String name) throws IOException {
      Path cert = Files.writeString(folder.resolve(name + ".pem"), certPem());
      Path key = Files.writeString(folder.resolve(name + ".key"), keyPem());
      return new CertificateSource.PemFiles(cert, key, null);
    }

    public KeyStore store(String password) {
      try {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
            "own", keys.getPrivate(), password.toCharArray(), chain.toArray(new Certificate[0]));
        return store;
      } catch (GeneralSecurityException | IOException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Returns a server's or a client's context that shows this certificate. */
    public SSLContext context(TestAuthority... believed) {
      try {
        KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
        own.init(store("x"), "x".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
            own.getKeyManagers(),
            believed.length == 0 ? null : believed[0].trust().getTrustManagers(),
            null);
        return context;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Issues a certificate for DNS names and addresses. */
  public Issued issue(String... names) {
    return issue("EC", Instant.now().plus(Duration.ofDays(90)), names);
  }

  public Issued issue(String algorithm, Instant expiry, String... names) {
    return issue(keys(algorithm), expiry.minus(Duration.ofDays(95)), expiry, names);
  }

  public Issued issue(KeyPair own, Instant start, Instant expiry, String... names) {
    X500Principal subject = new X500Principal("CN=" + (names.length == 0 ? "nobody" : names[0]));
    byte[][] extensions =
        names.length == 0
            ? new byte[0][]
            : new byte[][] {extension(ALTERNATIVE_NAMES, tag(0x30, alternatives(names)))};
    X509Certificate made =
        signed(
            keys, certificate.getSubjectX500Principal(), subject, own, start, expiry, extensions);
    return new Issued(own, List.of(made, certificate));
  }

  public X509Certificate certificate() {
    return certificate;
  }

  public String pem() {
    return pem("CERTIFICATE", encoded(certificate));
  }

  /** Returns a client's context that believes this authority alone. */
  public SSLContext clientContext() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust().getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  TrustManagerFactory trust() throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("ca", certificate);
      TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
      managers.init(store);
      return managers;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static KeyPair keys(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (!algorithm.startsWith("Ed")) {
        generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String pem(String label, byte[] der) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, text, label);
  }

  private static X509Certificate signed(
      KeyPair issuer,
      X500Principal issuerName,
      X500Principal subject,
      KeyPair own,
      Instant start,
      Instant expiry,
      byte[]... extensions) {
    byte[] algorithm = tag(0x30, ECDSA_SHA256);
    byte[] body =
        tag(
            0x30,
            tag(0xa0, hex("020102")),
            tag(2, BigInteger.valueOf(SERIALS.incrementAndGet()).toByteArray()),
            algorithm,
            issuerName.getEncoded(),
            tag(0x30, time(start), time(expiry)),
            subject.getEncoded(),
            own.getPublic().getEncoded(),
            extensions.length == 0 ? new byte[0] : tag(0xa3, tag(0x30, extensions)));
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(issuer.getPrivate());
      signature.update(body);
      byte[] bits = tag(3, new byte[1], signature.sign());
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(tag(0x30, body, algorithm, bits)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[][] alternatives(String... names) {
    byte[][] all = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      try {
        all[i] =
            names[i].matches("[0-9.]+|.*:.*")
                ? tag(0x87, InetAddress.getByName(names[i]).getAddress())
                : tag(0x82, names[i].getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
    return all;
  }

  private static byte[] extension(byte[] id, byte[]... value) {
    byte[] last = tag(4, value[value.length - 1]);
    return value.length == 2 ? tag(0x30, id, value[0], last) : tag(0x30, id, last);
  }

  private static byte[] time(Instant time) {
    return tag(0x18, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
  }

  static byte[] tag(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    int length = content.size();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (length >= 0x100) {
      out.write(0x82);
      out.write(length >> 8);
    } else if (length >= 0x80) {
      out.write(0x81);
    }
    out.write(length);
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  /**
   * Returns what the OCTET STRING at the end of a PrivateKeyInfo holds: version, algorithm, key.
   */
  private static byte[] lastElement(byte[] info) {
    int at = content(info, 0);
    at = content(info, at) + 1; // The version is one octet.
    int algorithm = content(info, at);
    at = algorithm + (info[at + 1] & 0xff);
    int key = content(info, at);
    byte[] out = new byte[info.length - key];
    System.arraycopy(info, key, out, 0, out.length);
    return out;
  }

  private static int content(byte[] der, int at) {
    int length = der[at + 1] & 0xff;
    return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
