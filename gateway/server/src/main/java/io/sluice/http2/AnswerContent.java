package io.sluice.http2;

import io.sluice.upstream.Deadline;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.Trailers;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * The content of one answer, as it is read from its stream: each piece where it was received, the
 * trailers last. Windows are given back as pieces are read, so the upstream sends no faster than
 * the reader takes. An answer that ends before or after its announced length is a failure.
 */
final class AnswerContent implements Content.Source {

  private final Http2Call call;
  private final Deadline idle = new Deadline();
  private final AtomicReference<@Nullable Runnable> demand = new AtomicReference<>();
  private volatile @Nullable HttpFields trailers;
  private volatile @Nullable Throwable failure;
  private volatile boolean drained;
  private volatile boolean resetAfterEnd;
  private boolean measured;
  private long left;

  AnswerContent(Http2Call call) {
    this.call = call;
  }

  /** Sets the announced length, negative for none; before anything is read. */
  void expect(long length) {
    measured = length >= 0;
    left = length;
  }

  /** The trailers have come, and with them the end. */
  void trailers(HttpFields fields) {
    trailers = fields;
  }

  /** The upstream has reset the stream, but after the end of the answer. */
  void resetAfterEnd() {
    resetAfterEnd = true;
  }

  /** The call is over; null when it is well. */
  void failed(@Nullable Throwable cause) {
    failure = cause;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** Returns whether the upstream has been silent for too long while somebody reads. */
  boolean isLate(long now) {
    return idle.isPast(now);
  }

  /** Returns whether the stream was reset by our side of the protocol, which tells nobody. */
  boolean isCutOff() {
    HTTP2Stream stream = call.stream();
    return stream != null && !drained && !resetAfterEnd && stream.isReset();
  }

  /** Something has come. */
  void available() {
    idle.lift();
    wake();
  }

  void wake() {
    Runnable waiting = demand.getAndSet(null);
    if (waiting != null) {
      waiting.run();
    }
  }

  @Override
  public Content.@Nullable Chunk read() {
    if (drained) {
      return Content.Chunk.EOF;
    }
    Throwable cause = failure;
    HTTP2Stream stream = call.stream();
    if (cause != null || stream == null) {
      return Content.Chunk.from(cause == null ? new IOException("not sent yet") : cause);
    }
    while (true) {
      Stream.Data data = stream.readData();
      if (data == null) {
        return null;
      }
      left -= data.frame().remaining();
      if (data.frame().isEndStream()) {
        return last(data);
      }
      if (data.frame().remaining() > 0) {
        return Content.Chunk.asChunk(data.frame().getByteBuffer(), false, data);
      }
      data.release();
    }
  }

  private Content.Chunk last(Stream.Data data) {
    if (isCutOff() || (measured && left != 0)) {
      data.release();
      ProtocolException cause = new ProtocolException("the answer is not as long as announced");
      call.fail(cause);
      return Content.Chunk.from(cause);
    }
    drained = true;
    call.received();
    if (data.frame().remaining() > 0) {
      return Content.Chunk.asChunk(data.frame().getByteBuffer(), true, data);
    }
    data.release();
    HttpFields fields = trailers;
    return fields == null ? Content.Chunk.EOF : new Trailers(fields);
  }

  @Override
  public void demand(Runnable callback) {
    demand.set(callback);
    HTTP2Stream stream = call.stream();
    if (drained || failure != null || stream == null) {
      wake();
    } else {
      idle.set(call.limits().idle());
      stream.demand();
    }
  }

  @Override
  public void fail(Throwable cause) {
    call.fail(cause);
  }
}
