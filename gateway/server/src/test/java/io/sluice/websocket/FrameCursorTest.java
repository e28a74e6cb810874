package io.sluice.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class FrameCursorTest {

  private static final int[] LENGTHS = {0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 70_000};

  private final ByteArrayOutputStream stream = new ByteArrayOutputStream();
  private final List<Integer> boundaries = new ArrayList<>(List.of(0));

  private void add(int opcode, int length, boolean masked) {
    stream.write(0x80 | opcode);
    int mask = masked ? 0x80 : 0;
    if (length < 126) {
      stream.write(mask | length);
    } else if (length < 65_536) {
      stream.write(mask | 126);
      stream.writeBytes(ByteBuffer.allocate(2).putShort((short) length).array());
    } else {
      stream.write(mask | 127);
      stream.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
    }
    stream.writeBytes(new byte[masked ? 4 : 0]);
    byte[] payload = new byte[length];
    java.util.Arrays.fill(payload, (byte) 0x88);
    stream.writeBytes(payload);
    boundaries.add(stream.size());
  }

  @Test
  void findsEachBoundaryHoweverTheStreamIsCut() {
    for (int length : LENGTHS) {
      add(2, length, true);
      add(2, length, false);
    }
    byte[] octets = stream.toByteArray();
    for (int piece : new int[] {1, 2, 3, 7, 1_000, 16_384, octets.length}) {
      FrameCursor frames = new FrameCursor();
      List<Integer> found = new ArrayList<>(List.of(0));
      for (int at = 0; at < octets.length; ) {
        ByteBuffer part = ByteBuffer.wrap(octets, at, Math.min(piece, octets.length - at));
        at = frames.follow(part, true);
        if (frames.isAtBoundary()) {
          found.add(at);
        }
      }
      assertThat(found).as("in pieces of %d", piece).isEqualTo(boundaries);
      assertThat(frames.isClosed()).isFalse();
    }
  }

  @Test
  void goesToTheEndWhereNoBoundaryIsAskedFor() {
    add(1, 5, true);
    add(1, 200, false);
    stream.writeBytes(new byte[] {(byte) 0x81});
    FrameCursor frames = new FrameCursor();
    ByteBuffer all = ByteBuffer.wrap(stream.toByteArray());
    assertThat(frames.follow(all, false)).isEqualTo(all.limit());
    assertThat(all.position()).isZero();
    assertThat(frames.isAtBoundary()).isFalse();
  }

  @Test
  void aCloseFrameCountsWhenItIsWhole() {
    add(1, 3, true);
    add(8, 2, true);
    byte[] octets = stream.toByteArray();
    FrameCursor frames = new FrameCursor();
    frames.follow(ByteBuffer.wrap(octets, 0, octets.length - 1), false);
    assertThat(frames.isClosed()).isFalse();
    frames.follow(ByteBuffer.wrap(octets, octets.length - 1, 1), false);
    assertThat(frames.isClosed()).isTrue();
  }

  @Test
  void anyOctetsAreBorne() {
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      FrameCursor frames = new FrameCursor();
      byte[] octets = new byte[random.nextInt(5_000)];
      random.nextBytes(octets);
      ByteBuffer all = ByteBuffer.wrap(octets);
      while (all.hasRemaining()) {
        int at = frames.follow(all, true);
        assertThat(at).isGreaterThan(all.position());
        all.position(at);
      }
    }
  }

  @Test
  void ourOwnGoodbyeIsAFrameEitherWay() {
    for (ByteBuffer goodbye : List.of(CloseFrame.toClient(), CloseFrame.toServer())) {
      FrameCursor frames = new FrameCursor();
      assertThat(frames.follow(goodbye, true)).isEqualTo(goodbye.limit());
      assertThat(frames.isClosed()).isTrue();
    }
  }
}
