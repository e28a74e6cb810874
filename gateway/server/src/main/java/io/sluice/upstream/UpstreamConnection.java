package io.sluice.upstream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.Trailers;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the upstream. It serves one {@link Transfer} after another; between two it lies
 * in the pool and listens, because an upstream that speaks or hangs up then has ended it.
 *
 * <p>What has been read and not yet parsed, and whose turn it is, is guarded by this object's
 * monitor, under which nobody outside is called. A reader is never blocked for longer than another
 * thread parses one buffer.
 */
final class UpstreamConnection extends AbstractConnection.NonBlocking {

  /** How much is read at once; also the size of the buffer held while an answer comes. */
  private static final int BUFFER = 16 * 1024;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private static final long NEVER = Long.MAX_VALUE;

  private final Pool pool;
  private final UpstreamSettings settings;
  private final ByteBufferPool buffers;
  private final Dial dial;
  private final AnswerParser parser = new AnswerParser();
  private final HeadWriter heads = new HeadWriter();

  private @Nullable Transfer transfer;
  private @Nullable RetainableByteBuffer buffer;
  private boolean served;
  private boolean heard;
  private boolean spoiled;
  private volatile boolean pooled;
  private volatile long readBy = NEVER;
  private volatile long writeBy = NEVER;

  UpstreamConnection(
      EndPoint endPoint, Pool pool, UpstreamSettings settings, ByteBufferPool buffers, Dial dial) {
    super(endPoint, pool.executor());
    this.pool = pool;
    this.settings = settings;
    this.buffers = buffers;
    this.dial = dial;
  }

  @Override
  public void onOpen() {
    super.onOpen();
    if (dial.claim()) {
      pooled = true;
      rest();
      pool.opened(this, dial);
    } else {
      close();
    }
  }

  @Override
  public void onClose(@Nullable Throwable cause) {
    super.onClose(cause);
    if (pooled) {
      pool.closed(this);
    }
  }

  @Override
  public void onFillable() {
    Transfer current;
    synchronized (this) {
      current = transfer;
      spoiled |= current == null;
    }
    if (current == null) {
      close();
    } else {
      if (current.isAnswered()) {
        readBy = NEVER;
      }
      current.readable();
    }
  }

  @Override
  public void onFillInterestedFailed(Throwable cause) {
    Transfer current;
    synchronized (this) {
      current = transfer;
      spoiled = true;
    }
    if (current == null) {
      close();
    } else {
      current.fail(cause);
    }
  }

  /** Takes up a call, unless the connection has just ended. */
  synchronized boolean begin(Transfer next) {
    if (spoiled) {
      return false;
    }
    transfer = next;
    next.on(this);
    heard = false;
    parser.expect(next.head().isHead());
    readBy = next.hasContent() ? NEVER : after(settings.responseTimeout().toNanos());
    return true;
  }

  /** Returns the octets of a request's head, valid until the call is over. */
  ByteBuffer head(Transfer current) {
    return heads.write(current.head());
  }

  /** Sets the time by which what is being written must have been taken. */
  void writing(boolean underWay) {
    writeBy = underWay ? after(settings.idleTimeout().toNanos()) : NEVER;
  }

  /** The request is sent, as far as it ever will be; from now on the answer is awaited. */
  synchronized void sent(Transfer current, boolean whole) {
    if (transfer == current) {
      spoiled |= !whole;
      if (!parser.isHeadWhole()) {
        readBy = after(settings.responseTimeout().toNanos());
      }
    }
  }

  /** Reads until the head of an answer is there; returns false when more of it has to come. */
  synchronized boolean readHead(Transfer current) throws IOException {
    if (transfer != current) {
      return false;
    }
    try {
      while (!parser.readHead(octets())) {
        if (!fill()) {
          return false;
        }
      }
    } catch (IOException e) {
      throw served && !heard ? (IOException) new StaleConnectionException().initCause(e) : e;
    }
    if (!parser.isInterim()) {
      readBy = NEVER;
    }
    return true;
  }

  boolean isInterim() {
    return parser.isInterim();
  }

  int status() {
    return parser.status();
  }

  HttpFields fields() {
    return parser.fields();
  }

  /** Passes over the end of an interim answer, to the head of the next. */
  synchronized void next(Transfer current) {
    if (transfer == current) {
      parser.peekContent(octets());
      parser.expect(current.head().isHead());
    }
  }

  /** Returns the next piece of content; null when more has to come first, or nobody waits. */
  synchronized Content.@Nullable Chunk read(Transfer current) throws IOException {
    if (transfer != current) {
      return null;
    }
    ByteBuffer content = parser.readContent(octets());
    while (content == null && !parser.isWhole()) {
      if (!fill()) {
        return null;
      }
      content = parser.readContent(octets());
    }
    if (content == null) {
      HttpFields trailers = parser.trailers();
      return trailers == null ? Content.Chunk.EOF : new Trailers(trailers);
    }
    return chunk(content);
  }

  /** The last piece says so itself, so that it need not be followed by an empty one. */
  private Content.Chunk chunk(ByteBuffer content) {
    boolean last =
        parser.peekContent(octets()) == null && parser.isWhole() && parser.trailers() == null;
    RetainableByteBuffer owner = Objects.requireNonNull(buffer);
    owner.retain();
    return Content.Chunk.asChunk(content, last, owner);
  }

  /** Returns whether a reader finds something without more being received. */
  synchronized boolean isReadable(Transfer current) {
    if (transfer != current) {
      return true;
    }
    boolean there = parser.peekContent(octets()) != null || parser.isWhole();
    readBy = there ? NEVER : after(settings.idleTimeout().toNanos());
    return there;
  }

  /** A call is over; the connection goes back to the pool if it can serve another. */
  void finished(Transfer past, boolean well) {
    boolean keep;
    synchronized (this) {
      if (transfer != past) {
        return;
      }
      transfer = null;
      boolean rest = buffer != null && buffer.hasRemaining();
      keep = well && !spoiled && !rest && parser.isPersistent();
      spoiled = !keep;
      served = true;
      releaseBuffer();
    }
    if (keep) {
      heads.trim();
      rest();
      pool.release(this);
    } else {
      close();
    }
  }

  /** Fails the call, or ends the rest in the pool, whose time is up. */
  void check(long now) {
    if (!isPast(readBy, now) && !isPast(writeBy, now)) {
      return;
    }
    Transfer current;
    synchronized (this) {
      if (!isPast(readBy, now) && !isPast(writeBy, now)) {
        return;
      }
      current = transfer;
      spoiled |= current == null;
    }
    if (current == null) {
      close();
    } else {
      current.fail(new TimeoutException("the upstream was silent too long"));
    }
  }

  private void rest() {
    readBy = after(settings.idleTimeout().toNanos());
    fillInterested();
  }

  private ByteBuffer octets() {
    RetainableByteBuffer current = buffer;
    return current == null ? NOTHING : current.getByteBuffer();
  }

  /** Receives what has come, be it the end; returns false when nothing has. */
  private boolean fill() throws IOException {
    RetainableByteBuffer into = buffer;
    if (into != null && into.isRetained()) {
      into.release();
      into = null;
    }
    if (into == null) {
      into = buffers.acquire(BUFFER, true);
      buffer = into;
    }
    int filled = getEndPoint().fill(into.getByteBuffer());
    if (filled == 0) {
      releaseBuffer();
    } else if (filled < 0) {
      parser.end();
    } else {
      heard = true;
    }
    return filled != 0;
  }

  private void releaseBuffer() {
    RetainableByteBuffer current = buffer;
    buffer = null;
    if (current != null) {
      current.release();
    }
  }

  private static long after(long nanos) {
    long time = System.nanoTime() + nanos;
    return time == NEVER ? time + 1 : time;
  }

  private static boolean isPast(long deadline, long now) {
    return deadline != NEVER && now - deadline >= 0;
  }
}
