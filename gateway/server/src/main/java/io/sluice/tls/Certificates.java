package io.sluice.tls;

import io.sluice.pem.BadCertificateException;
import io.sluice.pem.SmallFile;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates in force, read again when their files change. A file that cannot be used leaves
 * the certificate in force that was, and is told of once; each certificate goes its own way, so a
 * broken one holds up no other. Contents are compared, not times or names, so that it does not
 * matter how files are replaced. Thread-safe.
 */
public final class Certificates {

  private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

  private final InstantSource clock;
  private final List<Slot> slots = new ArrayList<>();
  private volatile CertificateSet set;
  private volatile CertificateSet before;

  /**
   * Reads all certificates, the default first.
   *
   * @throws BadCertificateException when one cannot be used
   */
  public Certificates(List<? extends CertificateSource> sources, InstantSource clock)
      throws BadCertificateException {
    this.clock = clock;
    for (CertificateSource source : sources) {
      slots.add(new Slot(source));
    }
    this.before = collected();
    this.set = before;
  }

  /** Returns when a certificate ends to be valid, in the order of the sources. */
  public Instant expiry(int number) {
    return set.all().get(number).expiry();
  }

  /** Looks for changed files; what is broken is told of when it still is at the next look. */
  public void look() {
    refresh(false);
  }

  /** Reads changed files because somebody asked; what is broken is told of at once. */
  public void reload() {
    refresh(true);
  }

  CertificateSet set() {
    return set;
  }

  /** Returns a certificate in force, or one replaced while a handshake was under way with it. */
  @Nullable ServerCertificate withFingerprint(String fingerprint) {
    CertificateSet last = before;
    ServerCertificate current = set.withFingerprint(fingerprint);
    return current == null ? last.withFingerprint(fingerprint) : current;
  }

  private synchronized void refresh(boolean asked) {
    boolean changed = false;
    for (Slot slot : slots) {
      changed |= slot.refresh(asked);
    }
    if (changed) {
      before = set;
      set = collected();
    }
  }

  private CertificateSet collected() {
    return new CertificateSet(slots.stream().map(slot -> slot.current).toList());
  }

  /** One certificate and what its files held when they were last looked at. */
  private final class Slot {

    private final CertificateSource source;
    private ServerCertificate current;
    private byte[] seen;
    private boolean broken;
    private @Nullable String told;

    Slot(CertificateSource source) throws BadCertificateException {
      this.source = source;
      List<byte[]> contents = contents();
      this.seen = digest(contents);
      this.current = CertificateReader.read(source, contents);
      warn(current);
    }

    /** Returns whether another certificate is in force now. */
    boolean refresh(boolean asked) {
      try {
        List<byte[]> contents = contents();
        byte[] found = digest(contents);
        if (Arrays.equals(found, seen) && !broken) {
          return false;
        }
        seen = found;
        ServerCertificate read = CertificateReader.read(source, contents);
        if (!read.isValid(clock.instant()) && current.isValid(clock.instant())) {
          throw new BadCertificateException(
              source.file() + ": " + String.join("; ", read.doubts(clock.instant())));
        }
        broken = false;
        told = null;
        boolean changed =
            !read.chain().equals(current.chain()) || !read.key().equals(current.key());
        current = read;
        if (changed) {
          LOG.info("certificate {} is in force, for {}, until {}", source, read, read.expiry());
        }
        warn(read);
        return changed;
      } catch (BadCertificateException e) {
        tell(e, asked);
        return false;
      }
    }

    /** Files are often replaced one after the other, so the first look may see half of it. */
    private void tell(BadCertificateException problem, boolean asked) {
      String message = String.valueOf(problem.getMessage());
      if ((broken || asked) && !message.equals(told)) {
        told = message;
        LOG.error(
            "{}; the certificate read before stays in force, until {}", message, current.expiry());
      }
      broken = true;
    }

    private void warn(ServerCertificate read) {
      read.doubts(clock.instant()).forEach(doubt -> LOG.warn("{}: {}", source.file(), doubt));
    }

    private List<byte[]> contents() throws BadCertificateException {
      List<byte[]> contents = new ArrayList<>();
      for (var file : source.files()) {
        contents.add(SmallFile.content(file));
      }
      return contents;
    }

    private static byte[] digest(List<byte[]> contents) {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (byte[] content : contents) {
          digest.update(MessageDigest.getInstance("SHA-256").digest(content));
        }
        return digest.digest();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
    }
  }
}
