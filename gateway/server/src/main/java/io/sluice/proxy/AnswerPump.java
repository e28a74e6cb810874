package io.sluice.proxy;

import io.sluice.upstream.Turns;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.eclipse.jetty.ee10.servlet.HttpOutput;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.Trailers;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.jspecify.annotations.Nullable;

/**
 * Moves one answer from its source to the client: reads a chunk when the client can take one,
 * writes it, and waits for whichever side is slower. Nothing is gathered; what has come is on its
 * way before more is awaited.
 *
 * <p>Events may come from both sides' threads at once; they are taken in {@link Turns}, so the
 * fields below need no lock.
 */
final class AnswerPump implements WriteListener {

  /** What happens around the moving. */
  interface Owner {

    /** The whole answer has been handed to the client's stream. */
    void poured();

    /** The last of the source are trailers; told before {@link #poured}. */
    void trailed(HttpFields trailers);

    /** The source failed. */
    void sourceFailed(Throwable cause);

    /** The client's stream failed. */
    void clientFailed(Throwable cause);

    /** The client takes nothing for the first time. Returns how that is borne. */
    Stall stalled();
  }

  /**
   * An answer: {@code begin} sets status and fields, just before its first octet is due.
   *
   * @param length octets of the content; negative where it is not known
   */
  record Answer(Content.Source content, LongSupplier length, Runnable begin) {}

  private record Diversion(Answer answer, Runnable tooLate) {}

  private final ServletOutputStream out;
  private final Owner owner;
  private final Runnable onDemand =
      Invocable.from(InvocationType.NON_BLOCKING, this::contentAvailable);
  private final Turns turns = new Turns(this::turn);
  private final AtomicReference<@Nullable Answer> offered = new AtomicReference<>();
  private final AtomicReference<@Nullable Diversion> diversion = new AtomicReference<>();
  private volatile boolean demanded;
  private volatile boolean stopped;
  private volatile boolean released;

  private @Nullable Answer answer;
  private Content.@Nullable Chunk held;
  private @Nullable Stall stall;
  private long given;
  private boolean begun;
  private boolean flushed;
  private boolean last;

  AnswerPump(ServletOutputStream out, Owner owner) {
    this.out = out;
    this.owner = owner;
  }

  /** Starts to pour an answer. */
  void pour(Answer next) {
    offered.set(next);
    turns.take();
  }

  /** Pours another answer instead, or, when octets of the first may be out, runs tooLate. */
  void divert(Answer instead, Runnable tooLate) {
    diversion.set(new Diversion(instead, tooLate));
    turns.take();
  }

  /**
   * Stops, before the client's stream is cut or after it is complete, and gives back the last
   * chunk. One that the transport is still writing is left to the garbage collector: nobody tells
   * when a cut stream has let go of it.
   */
  void release() {
    stopped = true;
    released = true;
    turns.take();
  }

  @Override
  public void onWritePossible() {
    turns.take();
  }

  @Override
  public void onError(Throwable failure) {
    owner.clientFailed(failure);
  }

  private void contentAvailable() {
    demanded = false;
    turns.take();
  }

  private void turn() {
    try {
      goOn();
    } catch (IOException | RuntimeException e) {
      owner.clientFailed(e);
    }
  }

  private void goOn() throws IOException {
    if (released) {
      if (stall != null) {
        stall.close();
      }
      if (held != null && out.isReady()) {
        releaseHeld();
      }
      return;
    }
    Diversion aside = diversion.getAndSet(null);
    if (aside != null) {
      if (begun) {
        stopped = true;
        aside.tooLate().run();
        return;
      }
      answer = aside.answer();
      demanded = false;
    } else if (answer == null) {
      answer = offered.get();
    }
    if (answer != null) {
      move(answer);
    }
  }

  private void move(Answer current) throws IOException {
    while (!stopped && (!demanded || hasBacklog()) && isReady(current)) {
      releaseHeld();
      if (last) {
        stopped = true;
        owner.poured();
        return;
      }
      Content.Chunk chunk = next(current);
      if (chunk == null) {
        await(current);
      } else if (Content.Chunk.isFailure(chunk)) {
        owner.sourceFailed(chunk.getFailure());
        return;
      } else {
        begin(current);
        write(chunk);
      }
    }
  }

  private boolean isReady(Answer current) {
    boolean ready = out.isReady();
    if (stall != null && ready) {
      stall.end();
    } else if (!ready) {
      stalled(current);
    }
    return ready;
  }

  /** The client takes nothing; what is left of a small answer is taken off the upstream. */
  private void stalled(Answer current) {
    Stall now = stall == null ? owner.stalled() : stall;
    stall = now;
    now.begin(given);
    while (begun && !demanded && !last && now.backlog().wants(left(current))) {
      Content.Chunk chunk = current.content().read();
      if (chunk == null) {
        demand(current);
      } else if (Content.Chunk.isFailure(chunk)) {
        owner.sourceFailed(chunk.getFailure());
        return;
      } else {
        given += chunk.remaining();
        now.backlog().add(chunk);
      }
    }
  }

  private long left(Answer current) {
    long length = current.length().getAsLong();
    return length < 0 ? length : length - given;
  }

  private boolean hasBacklog() {
    return stall != null && !stall.backlog().isEmpty();
  }

  private Content.@Nullable Chunk next(Answer current) {
    if (stall != null && hasBacklog()) {
      return stall.backlog().next();
    }
    Content.Chunk chunk = current.content().read();
    if (chunk != null) {
      given += chunk.remaining();
    }
    return chunk;
  }

  /** Fields, and chunks still on their way, go out before the next chunk is awaited. */
  private void await(Answer current) throws IOException {
    begin(current);
    if (!flushed) {
      flushed = true;
      out.flush();
    }
    demand(current);
  }

  private void demand(Answer current) {
    demanded = true;
    current.content().demand(onDemand);
  }

  private void begin(Answer current) {
    if (!begun) {
      begun = true;
      current.begin().run();
    }
  }

  private void write(Content.Chunk chunk) throws IOException {
    last = chunk.isLast();
    if (chunk instanceof Trailers trailers) {
      owner.trailed(trailers.getTrailers());
    }
    if (!chunk.hasRemaining()) {
      chunk.release();
      return;
    }
    held = chunk;
    flushed = true;
    ByteBuffer buffer = chunk.getByteBuffer();
    if (out instanceof HttpOutput jetty) {
      jetty.write(buffer);
    } else if (buffer.hasArray()) {
      out.write(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
    } else {
      byte[] copy = new byte[buffer.remaining()];
      buffer.get(copy);
      out.write(copy, 0, copy.length);
    }
  }

  private void releaseHeld() {
    Content.Chunk chunk = held;
    held = null;
    if (chunk != null) {
      chunk.release();
      if (stall != null) {
        stall.backlog().trim();
      }
    }
  }
}
