package io.sluice.upstream;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * One call: the request on its way up and the answer on its way down, which end independently. It
 * is over when both have ended, or when one has failed, and the listener is told exactly once.
 *
 * <p>The request is written by whoever brings it or its content, the head of the answer is read
 * where the connection's octets arrive, and the content by its reader. They meet in its {@link
 * Stage} only; who completes it does what is due.
 */
final class Transfer implements Call, Content.Source {

  private final Pool pool;
  private final RequestHead head;
  private final Content.@Nullable Source content;
  private final TimeLimits limits;
  private final CallListener listener;
  private final Stage stage = new Stage();
  private final AtomicReference<@Nullable Runnable> demand = new AtomicReference<>();
  private volatile @Nullable UpstreamConnection connection;
  private volatile @Nullable RequestSender sender;
  private volatile @Nullable Throwable failure;
  private volatile boolean answered;
  private volatile boolean drained;
  private long waitBy;
  private int interims;

  Transfer(
      Pool pool,
      RequestHead head,
      Content.@Nullable Source content,
      TimeLimits limits,
      CallListener listener) {
    this.pool = pool;
    this.head = head;
    this.content = content;
    this.limits = limits;
    this.listener = listener;
  }

  @Override
  public void send() {
    if (!stage.isDecided()) {
      pool.send(this);
    }
  }

  @Override
  public void abort(Throwable cause) {
    fail(cause);
  }

  RequestHead head() {
    return head;
  }

  TimeLimits limits() {
    return limits;
  }

  boolean hasContent() {
    return content != null;
  }

  boolean isStarted() {
    return stage.isStarted();
  }

  boolean asksToSwitch() {
    return listener.asksToSwitch();
  }

  boolean isAnswered() {
    return answered;
  }

  /** Sets the clock time until which it may wait for a connection; under the pool's monitor. */
  void waitUntil(long time) {
    waitBy = time;
  }

  /** Returns the clock time until which it may wait; under the pool's monitor. */
  long waitBy() {
    return waitBy;
  }

  /** A connection takes this up; under its monitor. */
  void on(UpstreamConnection taking) {
    connection = taking;
  }

  /** Sends the request on the connection that has taken this up. */
  void start(UpstreamConnection on) {
    RequestSender made = new RequestSender(this, on, content);
    sender = made;
    if (stage.start()) {
      made.send(on.head(this));
    } else {
      on.finished(this, false);
    }
  }

  /** Something has arrived, or the connection has ended. */
  void readable() {
    UpstreamConnection on = connection;
    if (answered || on == null) {
      wake();
      return;
    }
    if (!stage.isStarted()) {
      // Whatever comes before the request is no answer to it.
      fail(new StaleConnectionException(true));
      return;
    }
    try {
      while (!answered) {
        if (!on.readHead(this)) {
          if (!stage.isDecided()) {
            on.fillInterested();
          }
          return;
        }
        tell(on);
      }
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  private void tell(UpstreamConnection on) throws IOException {
    if (!stage.tell()) {
      return;
    }
    try {
      if (on.isInterim()) {
        interims = CallListener.oneMoreInterim(interims);
        listener.interim(on.status(), on.fields());
        on.next(this);
      } else if (on.isSwitch()) {
        answered = true;
        switched(on);
      } else {
        answered = true;
        listener.answered(on.status(), on.fields(), this);
      }
    } finally {
      if (stage.told()) {
        listener.over(failure);
      }
    }
  }

  /** Returns whether the upstream cannot have got the request, and it can be sent again. */
  boolean isUnsent() {
    RequestSender request = sender;
    return request != null && request.isUnsent();
  }

  /** Both sides have ended as far as HTTP goes; what is left is the connection, which is kept. */
  private void switched(UpstreamConnection on) {
    if (!Objects.requireNonNull(sender).isHandedOver()) {
      fail(new ProtocolException("the upstream switched protocols before it was asked"));
      return;
    }
    listener.switched(on.fields(), on.getEndPoint());
    drained = true;
    if (stage.receive()) {
      leave(null);
    }
  }

  /** The request is sent, as far as it ever will be. */
  void sent(boolean whole) {
    UpstreamConnection on = connection;
    if (on != null && (hasContent() || !whole)) {
      on.sent(this, whole);
    }
    if (stage.send()) {
      leave(null);
    }
  }

  @Override
  public Content.@Nullable Chunk read() {
    Throwable cause = failure;
    if (drained) {
      return Content.Chunk.EOF;
    }
    UpstreamConnection on = connection;
    if (cause != null || on == null) {
      return Content.Chunk.from(cause == null ? new IOException("not sent yet") : cause);
    }
    try {
      Content.Chunk chunk = on.read(this);
      if (chunk != null && chunk.isLast()) {
        drained = true;
        received(on);
      }
      return chunk;
    } catch (IOException e) {
      fail(e);
      return Content.Chunk.from(e);
    }
  }

  @Override
  public void demand(Runnable callback) {
    UpstreamConnection on = connection;
    demand.set(callback);
    if (on == null || drained || failure != null || on.isReadable(this)) {
      wake();
    } else {
      on.fillInterested();
    }
  }

  @Override
  public void fail(Throwable cause) {
    if (stage.fail()) {
      // With the whole answer here nobody minds what happens to the rest of the request.
      leave(stage.isReceived() ? null : cause);
    }
  }

  private void received(UpstreamConnection on) {
    RequestSender request = sender;
    if (request != null && !request.isHandedOver()) {
      // An answer before its question has ended: what is left of it is not wanted.
      on.close();
      request.stop(new IOException("answered before the request was sent"));
    }
    if (stage.receive()) {
      leave(null);
    }
  }

  /** Done once, by whoever decided. */
  private void leave(@Nullable Throwable cause) {
    failure = cause;
    if (stage.isStarted()) {
      leaveConnection(cause);
    } else {
      leaveQueue(cause);
    }
    if (cause != null) {
      wake();
    }
    if (stage.leave()) {
      listener.over(cause);
    }
  }

  private void leaveQueue(@Nullable Throwable cause) {
    pool.forget(this);
    if (content != null && cause != null && !(cause instanceof StaleConnectionException)) {
      content.fail(cause);
    }
  }

  private void leaveConnection(@Nullable Throwable cause) {
    boolean well = cause == null && stage.isSent();
    Objects.requireNonNull(connection).finished(this, well);
    if (!well) {
      Objects.requireNonNull(sender).stop(cause == null ? new IOException("answered") : cause);
    }
  }

  private void wake() {
    Runnable waiting = demand.getAndSet(null);
    if (waiting != null) {
      waiting.run();
    }
  }
}
