package io.sluice.tls;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Several certificates, chosen by the name that a client asks for: an exact name before a wildcard,
 * and the first certificate where no name fits. Several for one name, of different kinds of key,
 * are told apart by what the client can verify. Immutable.
 */
final class CertificateSet {

  private final List<ServerCertificate> all;
  private final Map<String, List<ServerCertificate>> byName = new HashMap<>();
  private final Map<String, ServerCertificate> byFingerprint = new HashMap<>();
  private final List<ServerCertificate> standard;

  /** Creates a set of one certificate or more, the default first. */
  CertificateSet(List<ServerCertificate> all) {
    this.all = List.copyOf(all);
    for (ServerCertificate certificate : all) {
      byFingerprint.put(certificate.fingerprint(), certificate);
      for (String name : certificate.names()) {
        byName.computeIfAbsent(name, any -> new ArrayList<>()).add(certificate);
      }
    }
    ServerCertificate first = all.get(0);
    this.standard = all.stream().filter(each -> each.names().equals(first.names())).toList();
  }

  List<ServerCertificate> all() {
    return all;
  }

  @Nullable ServerCertificate withFingerprint(String fingerprint) {
    return byFingerprint.get(fingerprint);
  }

  /** Returns the certificates for a name, one or more; null stands for a client that gives none. */
  List<ServerCertificate> candidates(@Nullable String name) {
    List<ServerCertificate> named = name == null ? null : covering(name);
    return named == null ? standard : named;
  }

  /**
   * Returns whether a client that was shown the certificate for one name would be shown another one
   * for the host it asks now.
   */
  boolean isMisdirected(@Nullable String name, String host) {
    if (all.size() == 1) {
      return false;
    }
    List<ServerCertificate> right = covering(host);
    return right != null && candidates(name).stream().noneMatch(shown -> covers(shown, host));
  }

  private static boolean covers(ServerCertificate certificate, String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return certificate.names().contains(name) || certificate.names().contains(wildcard(name));
  }

  private @Nullable List<ServerCertificate> covering(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    List<ServerCertificate> exact = byName.get(name);
    return exact == null ? byName.get(wildcard(name)) : exact;
  }

  /** The only wildcard that may stand for a name: its first label (RFC 6125, section 6.4.3). */
  private static String wildcard(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : "*" + name.substring(dot);
  }
}
