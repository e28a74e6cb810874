package io.sluice.app;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file that lines are appended to, or standard output. A file that was renamed or removed, as
 * logrotate does, is noticed within a second and opened anew. For one thread.
 */
final class AccessLogFile implements AccessLogTarget {

  private static final int BUFFER = 64 * 1024;
  private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final @Nullable Path path;
  private @Nullable OutputStream out;
  private @Nullable Object fileKey;
  private long checkedNanos;

  /**
   * Creates a target; nothing is opened yet.
   *
   * @param path null is standard output
   */
  AccessLogFile(@Nullable Path path) {
    this.path = path;
  }

  @Override
  public OutputStream stream() throws IOException {
    long now = System.nanoTime();
    if (out != null && path != null && now - checkedNanos > CHECK_NANOS) {
      checkedNanos = now;
      if (!isOpen(path)) {
        close();
      }
    }
    OutputStream stream = out == null ? open() : out;
    out = stream;
    return stream;
  }

  /** Standard output is flushed and left open: it is not ours alone. */
  @Override
  public void close() throws IOException {
    OutputStream stream = out;
    out = null;
    if (stream != null && path != null) {
      stream.close();
    } else if (stream != null) {
      stream.flush();
    }
  }

  private boolean isOpen(Path file) throws IOException {
    try {
      Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      return key == null || key.equals(fileKey);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private OutputStream open() throws IOException {
    checkedNanos = System.nanoTime();
    if (path == null) {
      return new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER);
    }
    OutputStream file = new FileOutputStream(path.toFile(), true);
    fileKey = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    return new BufferedOutputStream(file, BUFFER);
  }
}
