package io.sluice.websocket;

import java.nio.ByteBuffer;

/**
 * Follows the frames in one direction by their headers alone, so that a frame of ours can be put
 * between two of theirs (RFC 6455, section 5.2). It judges nothing: octets that are no frames only
 * make it lose its way. Not thread-safe.
 */
final class FrameCursor {

  private static final int OPCODE = 0x0f;
  private static final int CLOSE = 0x8;

  /** Octets of the present header that have passed, and how many it has. */
  private int passed;

  private int header = 2;
  private int extended;
  private long length;
  private long payload;
  private boolean closing;
  private boolean closed;

  /**
   * Follows octets, without consuming them, to their end or to the next boundary.
   *
   * @return the index in the buffer that it came to
   */
  int follow(ByteBuffer octets, boolean toBoundary) {
    int at = octets.position();
    int end = octets.limit();
    while (at < end && !(toBoundary && isAtBoundary() && at > octets.position())) {
      if (payload > 0) {
        long step = Math.min(payload, end - at);
        payload -= step;
        at += (int) step;
      } else {
        header(octets.get(at++));
      }
      closed |= closing && isAtBoundary();
    }
    return at;
  }

  /** Returns whether the next octet begins a frame. */
  boolean isAtBoundary() {
    return passed == 0 && payload == 0;
  }

  /** Returns whether a whole Close frame has passed. */
  boolean isClosed() {
    return closed;
  }

  private void header(byte octet) {
    if (passed == 0) {
      closing = (octet & OPCODE) == CLOSE;
      length = 0;
    } else if (passed == 1) {
      int announced = octet & 0x7f;
      extended = announced == 126 ? 2 : announced == 127 ? 8 : 0;
      length = extended == 0 ? announced : 0;
      header = 2 + extended + (octet < 0 ? 4 : 0);
    } else if (passed < 2 + extended) {
      length = (length << 8) | (octet & 0xff);
    }
    passed++;
    if (passed >= 2 && passed == header) {
      passed = 0;
      payload = length & Long.MAX_VALUE;
    }
  }
}
