package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class AccessLogWriterTest {

  private static final AccessLogEntry ENTRY =
      new AccessLogEntry(0, "id", "GET", "/", 200, 0, 0, "p", null, null, -1, 0);

  /** A disk that can be slow or full. */
  private static final class Disk extends OutputStream implements AccessLogTarget {

    final ByteArrayOutputStream written = new ByteArrayOutputStream();
    final CountDownLatch go = new CountDownLatch(1);
    final CountDownLatch entered = new CountDownLatch(1);
    volatile boolean full;

    @Override
    public OutputStream stream() {
      return this;
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int from, int length) throws IOException {
      entered.countDown();
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      if (full) {
        throw new IOException("no space left");
      }
      written.write(octets, from, length);
    }

    @Override
    public void close() {}

    long lines() {
      return written.toString(StandardCharsets.UTF_8).lines().count();
    }
  }

  @Test
  void aFullQueueIsCountedAndNeverWaitedFor() throws Exception {
    Disk slow = new Disk();
    AccessLogWriter writer = new AccessLogWriter(slow);
    writer.write(ENTRY);
    slow.entered.await();
    for (int i = 0; i < AccessLogWriter.QUEUE + 10; i++) {
      writer.write(ENTRY);
    }
    assertThat(writer.dropped()).isEqualTo(10);
    slow.go.countDown();
    writer.close();
    assertThat(slow.lines()).isEqualTo(AccessLogWriter.QUEUE + 1);
  }

  @Test
  void closingWritesWhatWasHandedOverAndNothingLater() throws Exception {
    Disk disk = new Disk();
    disk.go.countDown();
    AccessLogWriter writer = new AccessLogWriter(disk);
    for (int i = 0; i < 1_000; i++) {
      writer.write(ENTRY);
    }
    writer.close();
    writer.write(ENTRY);
    assertThat(disk.lines()).isEqualTo(1_000);
    assertThat(writer.dropped()).isEqualTo(1);
  }

  @Test
  void aFullDiskIsCountedAndWrittenAgainWhenItHasRoom() throws Exception {
    Disk disk = new Disk();
    disk.go.countDown();
    disk.full = true;
    AccessLogWriter writer = new AccessLogWriter(disk);
    writer.write(ENTRY);
    Eventually.becomes("the line is dropped", () -> writer.dropped() == 1);
    disk.full = false;
    writer.write(ENTRY);
    writer.close();
    assertThat(disk.lines()).isEqualTo(1);
    assertThat(writer.dropped()).isEqualTo(1);
  }
}
