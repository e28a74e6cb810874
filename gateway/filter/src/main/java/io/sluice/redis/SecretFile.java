package io.sluice.redis;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads secrets that stand in files of their own, as secret stores put them. */
public final class SecretFile {

  private static final int LONGEST = 65_536;

  private SecretFile() {}

  /**
   * Returns the text of a file without the line break at its end.
   *
   * @throws IOException when there is no secret in it; the message begins with the file's name and
   *     says what was expected
   */
  public static String read(Path file) throws IOException {
    String text = text(file);
    if (text.isBlank()) {
      throw new IOException(file + " is empty: expected the secret in it");
    }
    return text;
  }

  private static String text(Path file) throws IOException {
    try {
      if (Files.size(file) <= LONGEST) {
        return Files.readString(file).replaceFirst("\\R$", "");
      }
    } catch (MalformedInputException e) {
      throw new IOException(file + " cannot be read: expected UTF-8 text", e);
    } catch (IOException e) {
      throw new IOException(
          file + " cannot be read: expected a readable file with the secret in it", e);
    }
    throw new IOException(file + " is larger than 64KiB: expected the secret alone");
  }
}
