package io.sluice.upstream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the upstream. It serves one {@link Transfer} after another; between two it lies
 * in the pool and listens, because an upstream that speaks or hangs up then has ended it.
 *
 * <p>What has been read and not yet parsed, and whose turn it is, is guarded by this object's
 * monitor, under which nobody outside is called. A reader is never blocked for longer than another
 * thread parses one buffer.
 */
final class UpstreamConnection extends AbstractConnection.NonBlocking
    implements Connection.UpgradeFrom {

  private final Pool pool;
  private final UpstreamSettings settings;
  private final Dial dial;
  private final AnswerReader answers;
  private final HeadWriter heads = new HeadWriter();
  private final Deadline reading = new Deadline();
  private final Deadline writing = new Deadline();

  private @Nullable Transfer transfer;
  private volatile Duration writingLimit;
  private boolean served;
  private boolean spoiled;
  private @Nullable ByteBuffer behindSwitch;
  private volatile boolean pooled;
  private volatile boolean outlived;
  private final long since;

  UpstreamConnection(
      EndPoint endPoint, Pool pool, UpstreamSettings settings, ByteBufferPool buffers, Dial dial) {
    super(endPoint, pool.executor());
    this.pool = pool;
    this.settings = settings;
    this.dial = dial;
    this.writingLimit = settings.idleTimeout();
    // Spread, so that connections opened together are not closed together.
    this.since = System.nanoTime() - ThreadLocalRandom.current().nextLong(maxAge() / 10 + 1);
    this.answers = new AnswerReader(endPoint, buffers);
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
    boolean silent = false;
    synchronized (this) {
      current = transfer;
      if (current == null || !current.isStarted()) {
        // TLS has messages of its own between answers: tickets, keys.
        silent = answers.isSilent();
      }
      if (current == null && !silent) {
        spoiled = true;
        answers.release();
      }
    }
    if (silent) {
      fillInterested();
    } else if (current == null) {
      close();
    } else {
      if (current.isAnswered()) {
        reading.lift();
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
    answers.expect(next.head().isHead());
    answers.parser().mayBeSwitch(next.asksToSwitch());
    if (next.hasContent()) {
      reading.lift();
    } else {
      reading.set(next.limits().response());
    }
    writingLimit = next.limits().idle();
    return true;
  }

  /** Returns the octets of a request's head, valid until the call is over. */
  ByteBuffer head(Transfer current) {
    return heads.write(current.head());
  }

  /** Sets the time by which what is being written must have been taken. */
  void writing(boolean underWay) {
    if (underWay) {
      writing.set(writingLimit);
    } else {
      writing.lift();
    }
  }

  /** The request is sent, as far as it ever will be; from now on the answer is awaited. */
  synchronized void sent(Transfer current, boolean whole) {
    if (transfer == current) {
      spoiled |= !whole;
      if (!answers.parser().isHeadWhole()) {
        reading.set(current.limits().response());
      }
    }
  }

  /** Reads until the head of an answer is there; returns false when more of it has to come. */
  synchronized boolean readHead(Transfer current) throws IOException {
    if (transfer != current) {
      return false;
    }
    try {
      if (!answers.readHead()) {
        return false;
      }
    } catch (IOException e) {
      throw served && !answers.hasHeard() ? new StaleConnectionException(current.isUnsent()) : e;
    }
    if (status() == HttpStatus.REQUEST_TIMEOUT_408 && served && !current.hasContent()) {
      // The request was whole: this was said to the connection, before the request came.
      throw new StaleConnectionException(false);
    }
    if (!isInterim()) {
      reading.lift();
    }
    return true;
  }

  boolean isInterim() {
    return answers.parser().isInterim();
  }

  /** Returns whether the head that has come ends what is HTTP here. */
  boolean isSwitch() {
    return answers.parser().isSwitch();
  }

  int status() {
    return answers.parser().status();
  }

  HttpFields fields() {
    return answers.parser().fields();
  }

  /** Passes over the end of an interim answer, to the head of the next. */
  synchronized void next(Transfer current) {
    if (transfer == current) {
      answers.passInterim(current.head().isHead());
    }
  }

  /** Returns the next piece of content; null when more has to come first, or nobody waits. */
  synchronized Content.@Nullable Chunk read(Transfer current) throws IOException {
    return transfer == current ? answers.read() : null;
  }

  /** Returns whether a reader finds something without more being received. */
  synchronized boolean isReadable(Transfer current) {
    if (transfer != current || answers.isReadable()) {
      return true;
    }
    reading.set(current.limits().idle());
    return false;
  }

  /**
   * A call is over; the connection goes back to the pool if it can serve another. After a switch of
   * protocols it stays open for whoever it is upgraded to, and leaves the pool then.
   */
  void finished(Transfer past, boolean well) {
    boolean keep;
    boolean switched;
    synchronized (this) {
      if (transfer != past) {
        return;
      }
      transfer = null;
      switched = well && !spoiled && isSwitch();
      keep = well && !spoiled && !outlived && !switched && answers.isClean();
      spoiled = !keep;
      served = true;
      behindSwitch = switched ? answers.takeRest() : null;
      answers.release();
    }
    if (keep) {
      heads.trim();
      rest();
      pool.release(this);
    } else if (!switched) {
      close();
    }
  }

  @Override
  public synchronized @Nullable ByteBuffer onUpgradeFrom() {
    return behindSwitch;
  }

  /** Returns whether it has reached its age and was not yet told to retire. */
  boolean hasAged(long now) {
    return !outlived && now - since >= maxAge();
  }

  /** Serves no further call; closed after the present one, or when next looked at. */
  void retire() {
    outlived = true;
  }

  private long maxAge() {
    return settings.maxAge().toNanos();
  }

  /** Fails the call, or ends the rest in the pool, whose time is up. */
  void check(long now) {
    if (!isLate(now) && !outlived) {
      return;
    }
    Transfer current;
    synchronized (this) {
      current = transfer;
      if (!isLate(now) && (current != null || !outlived)) {
        return;
      }
      spoiled |= current == null;
    }
    if (current == null) {
      close();
    } else {
      current.fail(new TimeoutException("the upstream was silent too long"));
    }
  }

  private void rest() {
    reading.set(settings.idleTimeout());
    fillInterested();
  }

  private boolean isLate(long now) {
    return reading.isPast(now) || writing.isPast(now);
  }
}
