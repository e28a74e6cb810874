package io.sluice.http2;

import io.sluice.upstream.Deadline;
import io.sluice.upstream.Turns;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http.Trailers;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * Sends the content of one request as it comes, as fast as the upstream's windows take it, and its
 * trailers (RFC 9113, sections 5.2 and 8.1).
 *
 * <p>Events may come from the content's threads and the connection's at once; they are taken in
 * {@link Turns}.
 */
final class ContentSender implements Callback {

  private final Http2Call call;
  private final Content.Source content;
  private final Duration limit;
  private final Deadline writing = new Deadline();
  private final Runnable contentAvailable =
      Invocable.from(InvocationType.NON_BLOCKING, this::contentAvailable);
  private final Turns turns = new Turns(this::turn);
  private volatile @Nullable HTTP2Stream stream;
  private Content.@Nullable Chunk held;
  private long left;
  private final boolean measured;
  private boolean last;
  private boolean ended;
  private volatile boolean busy;
  private volatile boolean demanded;
  private volatile boolean handedOver;
  private volatile @Nullable Throwable broken;
  private volatile @Nullable Throwable unwanted;

  /**
   * Creates a sender.
   *
   * @param length the announced length of the content; negative when none was
   * @param limit how long the upstream may take nothing
   */
  ContentSender(Http2Call call, Content.Source content, long length, Duration limit) {
    this.call = call;
    this.content = content;
    this.limit = limit;
    this.left = length;
    this.measured = length >= 0;
  }

  /** Sends the content on a stream whose head is sent. */
  void send(HTTP2Stream on) {
    stream = on;
    turns.take();
  }

  /** Sends no more; what is being written is ended by resetting the stream. */
  void stop(Throwable reason) {
    unwanted = reason;
    turns.take();
  }

  /** Returns whether all of the content has been handed to the connection. */
  boolean isHandedOver() {
    return handedOver;
  }

  /** Returns whether the upstream has taken nothing for too long. */
  boolean isLate(long now) {
    return writing.isPast(now);
  }

  @Override
  public void succeeded() {
    writing.lift();
    busy = false;
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
    while (!ended && !busy) {
      Throwable reason = broken == null ? unwanted : broken;
      HTTP2Stream on = stream;
      if (reason != null) {
        end(reason);
      } else if (last) {
        end(null);
      } else if (on == null || demanded || !advance(on)) {
        return;
      }
    }
  }

  /** Sends the next part; returns false when it has to be awaited. */
  private boolean advance(HTTP2Stream on) {
    releaseHeld();
    Content.Chunk chunk = content.read();
    if (chunk == null) {
      demanded = true;
      content.demand(contentAvailable);
      return false;
    }
    if (Content.Chunk.isFailure(chunk)) {
      ended = true;
      call.fail(chunk.getFailure());
    } else if (isAsAnnounced(chunk)) {
      send(chunk, on);
    } else {
      chunk.release();
      broken = new IOException("the content is not as long as announced");
      call.fail(broken);
    }
    return true;
  }

  private boolean isAsAnnounced(Content.Chunk chunk) {
    left -= chunk.remaining();
    return !measured || (left >= 0 && (left == 0 || !chunk.isLast()));
  }

  private void send(Content.Chunk chunk, HTTP2Stream on) {
    last = chunk.isLast();
    handedOver = last;
    held = chunk;
    if (!last && !chunk.hasRemaining()) {
      return;
    }
    busy = true;
    writing.set(limit);
    if (chunk instanceof Trailers trailers) {
      MetaData fields = new MetaData(HttpVersion.HTTP_2, trailers.getTrailers());
      on.headers(new HeadersFrame(on.getId(), fields, null, true), this);
    } else {
      on.data(new DataFrame(on.getId(), chunk.getByteBuffer(), last), this);
    }
  }

  /** The request goes no further: it is whole, or nobody wants the rest. */
  private void end(@Nullable Throwable reason) {
    ended = true;
    releaseHeld();
    if (reason != null) {
      content.fail(reason);
    }
    call.sent(reason == null);
  }

  private void releaseHeld() {
    Content.Chunk chunk = held;
    held = null;
    if (chunk != null) {
      chunk.release();
    }
  }
}
