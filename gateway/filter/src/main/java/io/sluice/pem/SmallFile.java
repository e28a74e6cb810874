package io.sluice.pem;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files of certificates or keys, in whatever format. Such files are small. */
public final class SmallFile {

  /** In octets: more than any chain has, and little to hold in memory. */
  private static final int LARGEST = 1 << 20;

  private SmallFile() {}

  /**
   * Returns what a file holds.
   *
   * @throws BadCertificateException when it is missing, must not be read, or exceeds 1 MiB
   */
  public static byte[] content(Path file) throws BadCertificateException {
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(LARGEST + 1);
    } catch (NoSuchFileException e) {
      throw new BadCertificateException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new BadCertificateException(
          file + ": cannot be read; the gateway's user needs the right to read it", e);
    }
    if (content.length > LARGEST) {
      throw new BadCertificateException(file + ": is too large for certificates or a key");
    }
    return content;
  }
}
