package io.sluice.websocket;

import io.sluice.upstream.Turns;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Supplier;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One direction of a tunnel: reads, when what was read before has been taken, and writes. It holds
 * one buffer, and none while it waits for octets.
 *
 * <p>Once the tunnel is leaving, a Close frame of ours follows the frame under way, and what comes
 * after it is read away until the sender closes too.
 *
 * <p>Events may come from both connections' threads at once; they are taken in {@link Turns}.
 */
final class Flow implements Callback {

  private static final Logger LOG = LoggerFactory.getLogger(Flow.class);
  private static final int BUFFER = 16 * 1024;

  /** Buffers moved in one turn, so that a fast pair does not keep a thread from all others. */
  private static final int MOST_ROUNDS = 16;

  private final Tunnel tunnel;
  private final TunnelEnd from;
  private final TunnelEnd to;
  private final ByteBufferPool buffers;
  private final long stallNanos;
  private final Supplier<ByteBuffer> farewell;
  private final FrameCursor frames = new FrameCursor();
  private final Turns turns = new Turns(this::turn);
  private @Nullable RetainableByteBuffer buffer;
  private ByteBuffer octets = BufferUtil.EMPTY_BUFFER;
  private boolean begun;
  private boolean closed;
  private boolean parted;
  private boolean ended;
  private volatile long relayed;
  private volatile long writingSince;
  private volatile boolean writing;
  private volatile boolean awaiting;

  Flow(
      Tunnel tunnel,
      TunnelEnd from,
      TunnelEnd to,
      ByteBufferPool buffers,
      Duration writeTimeout,
      Supplier<ByteBuffer> farewell) {
    this.tunnel = tunnel;
    this.from = from;
    this.to = to;
    this.buffers = buffers;
    this.stallNanos = writeTimeout.toNanos();
    this.farewell = farewell;
  }

  /** Something can be read. */
  void readable() {
    awaiting = false;
    run();
  }

  /** What was being written has been taken. */
  @Override
  public void succeeded() {
    writing = false;
    run();
  }

  @Override
  public void failed(Throwable cause) {
    writing = false;
    tunnel.broke(to);
    run();
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  /** Returns whether the receiver has been taking too long. */
  boolean isStalled(long now) {
    long since = writingSince;
    return writing && now - since >= stallNanos;
  }

  /** Returns how many octets have been passed on. */
  long relayed() {
    return relayed;
  }

  /** Does what can be done now; after a change in the tunnel, too. */
  void run() {
    turns.take();
  }

  private void turn() {
    try {
      goOn();
    } catch (RuntimeException e) {
      LOG.error("a WebSocket connection failed in the gateway", e);
      tunnel.broke(from);
    }
  }

  private void goOn() {
    if (tunnel.isOver()) {
      if (!writing) {
        release();
      }
      return;
    }
    if (!begun) {
      begun = true;
      octets = from.early();
    }
    part();
    for (int round = 0; !writing && !awaiting && !ended && !tunnel.isOver(); round++) {
      if (round >= MOST_ROUNDS && !octets.hasRemaining()) {
        await();
      } else if (octets.hasRemaining() || fill()) {
        pass();
        part();
      }
    }
  }

  /** Says goodbye to the receiver, when it is due and between two frames. */
  private void part() {
    if (tunnel.isLeaving() && !parted && !writing && !ended && frames.isAtBoundary()) {
      parted = true;
      if (!frames.isClosed()) {
        write(farewell.get());
      }
    }
  }

  private void pass() {
    if (parted) {
      frames.follow(octets, false);
      octets.position(octets.limit());
      if (frames.isClosed()) {
        end();
      }
    } else if (tunnel.isLeaving()) {
      int boundary = frames.follow(octets, true);
      ByteBuffer rest = octets.slice(octets.position(), boundary - octets.position());
      octets.position(boundary);
      count(rest);
      write(rest);
    } else {
      frames.follow(octets, false);
      count(octets);
      write(octets);
      if (frames.isClosed() && !closed) {
        closed = true;
        tunnel.closed();
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written in turns
  private void count(ByteBuffer passing) {
    relayed += passing.remaining();
  }

  /** Receives; returns whether anything has come. */
  private boolean fill() {
    RetainableByteBuffer into = buffer == null ? buffers.acquire(BUFFER, true) : buffer;
    buffer = into;
    octets = into.getByteBuffer();
    try {
      int filled = from.getEndPoint().fill(octets);
      if (filled > 0) {
        tunnel.active();
        return true;
      }
      if (filled == 0) {
        await();
      } else {
        end();
      }
    } catch (IOException e) {
      tunnel.broke(from);
    }
    return false;
  }

  private void await() {
    release();
    awaiting = true;
    from.fillInterested();
  }

  private void write(ByteBuffer passing) {
    EndPoint out = to.getEndPoint();
    try {
      if (!out.flush(passing)) {
        writingSince = System.nanoTime();
        writing = true;
        out.write(this, passing);
      }
    } catch (IOException e) {
      tunnel.broke(to);
    }
  }

  /** The sender has ended: in order, if with a Close frame; else so that nobody thinks it was. */
  private void end() {
    ended = true;
    release();
    if (!parted && !frames.isClosed()) {
      tunnel.broke(from);
      return;
    }
    if (!parted) {
      to.getEndPoint().shutdownOutput();
    }
    tunnel.ended();
  }

  private void release() {
    octets = BufferUtil.EMPTY_BUFFER;
    RetainableByteBuffer current = buffer;
    buffer = null;
    if (current != null) {
      current.release();
    }
  }
}
