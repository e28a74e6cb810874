package io.sluice.upstream;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How far a call has come. Its request and its answer end independently and on different threads;
 * here they meet, and each question below is answered with true to one of them only. Thread-safe.
 */
public final class Stage {

  private static final int STARTED = 1;
  private static final int SENT = 2;
  private static final int RECEIVED = 4;

  /** The listener is being told something; the end must wait. */
  private static final int TELLING = 8;

  /** Both sides have ended, or one has failed. */
  private static final int DECIDED = 16;

  /** The connection has been left; the end may be told. */
  private static final int LEFT = 32;

  private final AtomicInteger bits = new AtomicInteger();

  /** A connection begins to send it; returns false when it has been given up before. */
  public boolean start() {
    return !isDecided(bits.getAndAccumulate(STARTED, Stage::unlessDecided));
  }

  public boolean isStarted() {
    return has(STARTED);
  }

  /** The request has ended; returns whether that decides the call. */
  public boolean send() {
    return end(SENT);
  }

  public boolean isSent() {
    return has(SENT);
  }

  /** The answer has ended; returns whether that decides the call. */
  public boolean receive() {
    return end(RECEIVED);
  }

  public boolean isReceived() {
    return has(RECEIVED);
  }

  /** One side has failed; returns whether that decides the call. */
  public boolean fail() {
    return !isDecided(bits.getAndAccumulate(DECIDED, Stage::unlessDecided));
  }

  public boolean isDecided() {
    return has(DECIDED);
  }

  /** Begins to tell the listener something; returns false when only the end is left to tell. */
  public boolean tell() {
    return !isDecided(bits.getAndAccumulate(TELLING, Stage::unlessDecided));
  }

  /** The listener has been told; returns whether the end is to be told now. */
  public boolean told() {
    return (bits.getAndUpdate(now -> now & ~TELLING) & LEFT) != 0;
  }

  /** The connection has been left; returns whether the end is to be told now. */
  public boolean leave() {
    return (bits.getAndUpdate(now -> now | LEFT) & TELLING) == 0;
  }

  private boolean end(int side) {
    int before = bits.getAndAccumulate(side, Stage::withSide);
    return !isDecided(before) && isDecided(withSide(before, side));
  }

  private boolean has(int bit) {
    return (bits.get() & bit) != 0;
  }

  private static boolean isDecided(int bits) {
    return (bits & DECIDED) != 0;
  }

  private static int unlessDecided(int bits, int bit) {
    return isDecided(bits) ? bits : bits | bit;
  }

  private static int withSide(int bits, int side) {
    if (isDecided(bits)) {
      return bits;
    }
    int both = bits | side;
    boolean ended = (both & SENT) != 0 && (both & RECEIVED) != 0;
    return ended ? both | DECIDED : both;
  }
}
