package io.sluice.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads files that people write: UTF-8 and not large. */
final class TextFile {

  /** Largest file, in octets. */
  static final int LARGEST = 1 << 20;

  private TextFile() {}

  /** Returns the text of a file, or null after reporting why there is none. */
  static @Nullable String read(Path file, Problems problems) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] octets = in.readNBytes(LARGEST + 1);
      if (octets.length <= LARGEST) {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
      }
      report(file, "is larger than " + Sizes.render(LARGEST), problems);
    } catch (NoSuchFileException e) {
      report(file, "does not exist", problems);
    } catch (AccessDeniedException e) {
      report(file, "cannot be read: permission denied", problems);
    } catch (CharacterCodingException e) {
      report(file, "cannot be read: expected UTF-8 text", problems);
    } catch (IOException e) {
      report(
          file,
          Files.isDirectory(file) ? "is a folder: expected a file" : "cannot be read",
          problems);
    }
    return null;
  }

  private static void report(Path file, String message, Problems problems) {
    problems.error(new Place(file.toString(), 0), message);
  }
}
