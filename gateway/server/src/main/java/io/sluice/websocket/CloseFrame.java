package io.sluice.websocket;

import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/** The frame that says 1001, "going away" (RFC 6455, sections 5.5.1 and 7.4.1). */
final class CloseFrame {

  private static final int GOING_AWAY = 1001;
  private static final byte CLOSE = (byte) 0x88;
  private static final byte MASKED = (byte) 0x80;
  private static final byte LENGTH = 2;

  private CloseFrame() {}

  /** Returns the frame as a server sends it. */
  static ByteBuffer toClient() {
    return ByteBuffer.allocate(4).put(CLOSE).put(LENGTH).putShort((short) GOING_AWAY).flip();
  }

  /** Returns the frame as a client sends it, masked. */
  static ByteBuffer toServer() {
    int mask = ThreadLocalRandom.current().nextInt();
    return ByteBuffer.allocate(8)
        .put(CLOSE)
        .put((byte) (MASKED | LENGTH))
        .putInt(mask)
        .putShort((short) (GOING_AWAY ^ (mask >>> 16)))
        .flip();
  }
}
