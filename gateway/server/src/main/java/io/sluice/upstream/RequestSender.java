package io.sluice.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.eclipse.jetty.http.Trailers;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * Writes one request: its head, together with what is there of its content, and then the content as
 * it comes, as fast as the upstream takes it (RFC 9112, sections 6 and 7.1).
 *
 * <p>Events may come from the content's threads and the connection's at once; they are taken in
 * {@link Turns}.
 *
 * <p>When writing fails the answer is still awaited: an upstream that refuses content often answers
 * and hangs up.
 */
final class RequestSender implements Callback {

  private static final byte[] LINE_END = {'\r', '\n'};
  private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};
  private static final byte[] LINE_END_LAST_CHUNK = {'\r', '\n', '0', '\r', '\n', '\r', '\n'};

  private final Transfer transfer;
  private final UpstreamConnection connection;
  private final Content.@Nullable Source content;
  private final boolean chunked;
  private final Runnable contentAvailable =
      Invocable.from(InvocationType.NON_BLOCKING, this::contentAvailable);
  private final Turns turns = new Turns(this::turn);
  private @Nullable ByteBuffer head;
  private Content.@Nullable Chunk held;
  private long left;
  private boolean last;
  private boolean ended;
  private volatile boolean writing;
  private volatile boolean demanded;
  private volatile boolean handedOver;
  private volatile boolean unsent;
  private volatile @Nullable Throwable broken;
  private volatile @Nullable Throwable unwanted;

  RequestSender(
      Transfer transfer, UpstreamConnection connection, Content.@Nullable Source content) {
    this.transfer = transfer;
    this.connection = connection;
    this.content = content;
    this.left = content == null ? 0 : transfer.head().contentLength();
    this.chunked = left < 0;
  }

  /** Sends the head and what follows it. */
  void send(ByteBuffer octets) {
    head = octets;
    turns.take();
  }

  /** Sends no more. What is being written has to be ended by closing the connection. */
  void stop(Throwable reason) {
    unwanted = reason;
    turns.take();
  }

  /** Returns whether all of the request has been handed to the connection. */
  boolean isHandedOver() {
    return handedOver;
  }

  /** Returns whether the whole request could not be handed to the connection, and could again. */
  boolean isUnsent() {
    return unsent;
  }

  @Override
  public void succeeded() {
    writing = false;
    connection.writing(false);
    turns.take();
  }

  @Override
  public void failed(Throwable cause) {
    broken = cause;
    succeeded();
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  private void contentAvailable() {
    demanded = false;
    turns.take();
  }

  private void turn() {
    while (!ended && !writing) {
      Throwable reason = broken == null ? unwanted : broken;
      if (reason != null) {
        end(reason);
      } else if (last) {
        end(null);
      } else if (demanded || !advance()) {
        return;
      }
    }
  }

  /** Writes the next part; returns false when it has to be awaited. */
  private boolean advance() {
    releaseHeld();
    Content.Chunk chunk = content == null ? Content.Chunk.EOF : content.read();
    if (Content.Chunk.isFailure(chunk)) {
      ended = true;
      transfer.fail(chunk.getFailure());
    } else if (chunk != null) {
      write(chunk);
    } else if (head != null) {
      write(buffers(BufferUtil.EMPTY_BUFFER));
    } else {
      demanded = true;
      Objects.requireNonNull(content).demand(contentAvailable);
      return false;
    }
    return true;
  }

  private void write(Content.Chunk chunk) {
    held = chunk;
    last = chunk.isLast();
    if (!chunked) {
      left -= chunk.remaining();
      if (left < 0 || (last && left > 0)) {
        broken = new IOException("the content is not as long as announced");
        transfer.fail(broken);
        return;
      }
    }
    // Content may have all come before its source says so.
    handedOver = last || left == 0;
    if (head != null || chunk.hasRemaining() || (chunked && last)) {
      write(buffers(chunk.getByteBuffer()));
    }
  }

  private void write(ByteBuffer... buffers) {
    try {
      if (connection.getEndPoint().flush(buffers)) {
        return;
      }
      writing = true;
      connection.writing(true);
      connection.getEndPoint().write(this, buffers);
    } catch (IOException e) {
      unsent = content == null;
      broken = e;
    }
  }

  private ByteBuffer[] buffers(ByteBuffer octets) {
    ByteBuffer start = head == null ? BufferUtil.EMPTY_BUFFER : head;
    head = null;
    int length = octets.remaining();
    if (!chunked) {
      return length == 0 ? new ByteBuffer[] {start} : new ByteBuffer[] {start, octets};
    }
    if (length == 0) {
      return last ? new ByteBuffer[] {start, lastChunk()} : new ByteBuffer[] {start};
    }
    byte[] size = (Integer.toHexString(length) + "\r\n").getBytes(US_ASCII);
    byte[] end = last ? LINE_END_LAST_CHUNK : LINE_END;
    return new ByteBuffer[] {start, ByteBuffer.wrap(size), octets, ByteBuffer.wrap(end)};
  }

  private ByteBuffer lastChunk() {
    return held instanceof Trailers trailers
        ? HeadWriter.lastChunk(trailers.getTrailers())
        : ByteBuffer.wrap(LAST_CHUNK);
  }

  /** The request goes no further: it is whole, or nobody wants the rest. */
  private void end(@Nullable Throwable reason) {
    ended = true;
    releaseHeld();
    if (reason != null && content != null) {
      content.fail(reason);
    }
    transfer.sent(reason == null);
  }

  private void releaseHeld() {
    Content.Chunk chunk = held;
    held = null;
    if (chunk != null) {
      chunk.release();
    }
  }
}
