package io.sluice.tls;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the gateway shows to clients, and the key that proves it. Immutable.
 *
 * @param chain the server's own certificate first, then each one's issuer
 * @param key its private key
 * @param names the DNS names it is for, in lower case; {@code *.} stands for one label (RFC 6125)
 */
public record ServerCertificate(List<X509Certificate> chain, PrivateKey key, Set<String> names) {

  /** An expiry nearer than this is worth a warning. */
  static final Duration SOON = Duration.ofDays(14);

  private static final int DNS_NAME = 2;

  public ServerCertificate {
    chain = List.copyOf(chain);
    names = Set.copyOf(names);
  }

  static ServerCertificate of(List<X509Certificate> chain, PrivateKey key) {
    return new ServerCertificate(chain, key, names(chain.get(0)));
  }

  /** Returns what names this certificate and, as it belongs to it, its key: the SHA-256 digest. */
  String fingerprint() {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(own().getEncoded());
      return HexFormat.of().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was read has octets", e);
    }
  }

  /** Returns when it ends to be valid. */
  public Instant expiry() {
    return own().getNotAfter().toInstant();
  }

  /** Returns what speaks against using it at this time, and what to do; empty when nothing. */
  public List<String> doubts(Instant now) {
    if (now.isBefore(own().getNotBefore().toInstant())) {
      return List.of(
          "the certificate is valid only from %s on; check this machine's clock"
              .formatted(own().getNotBefore().toInstant()));
    }
    if (now.isAfter(expiry())) {
      return List.of("the certificate expired at %s; renew it".formatted(expiry()));
    }
    if (now.plus(SOON).isAfter(expiry())) {
      return List.of("the certificate expires at %s; renew it".formatted(expiry()));
    }
    return hasAlternativeName()
        ? List.of()
        : List.of(
            "the certificate has no subject alternative name, so clients refuse it; issue it anew");
  }

  /** Returns whether clients can accept it at this time. */
  boolean isValid(Instant now) {
    return !now.isBefore(own().getNotBefore().toInstant()) && !now.isAfter(expiry());
  }

  @Override
  public String toString() {
    return own().getSubjectX500Principal() + " " + names;
  }

  private X509Certificate own() {
    return chain.get(0);
  }

  private boolean hasAlternativeName() {
    try {
      Collection<List<?>> all = own().getSubjectAlternativeNames();
      return all != null && !all.isEmpty();
    } catch (CertificateParsingException e) {
      return false;
    }
  }

  private static Set<String> names(X509Certificate own) {
    Set<String> names = new TreeSet<>();
    try {
      Collection<List<?>> all = own.getSubjectAlternativeNames();
      if (all != null) {
        for (List<?> name : all) {
          if (name.get(0) instanceof Integer type && type == DNS_NAME) {
            names.add(name.get(1).toString().toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (CertificateParsingException e) {
      // As good as none: clients cannot read them either, and doubts() says so.
    }
    return names;
  }
}
