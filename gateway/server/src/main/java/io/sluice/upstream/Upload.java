package io.sluice.upstream;

import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * A call with content: gathered, admitted, sent. A request that says its length is gathered until
 * it is whole or as large as may be. One that does not may be a conversation, so it is sent on with
 * what has come after a short while. The pace counts until the answer begins; after that silence is
 * the business of the idle time-out.
 *
 * <p>Events come from the client's threads, the watch, and whoever gives up; they are taken in
 * {@link Turns}.
 */
final class Upload implements Call, CallListener, Watch.Watched {

  private enum State {
    GATHERING,
    QUEUED,
    SENT,
    OVER
  }

  private final PatientUpstream owner;
  private final RequestHead head;
  private final TimeLimits limits;
  private final CallListener listener;
  private final ReadAhead content;
  private final PaceMeter meter;
  private final Turns turns = new Turns(this::turn);
  private final AtomicBoolean watched = new AtomicBoolean();
  private volatile State state = State.GATHERING;
  private volatile boolean enough;
  private volatile boolean admitted;
  private volatile boolean answered;
  private volatile long since;
  private volatile @Nullable Throwable cause;
  private volatile @Nullable Call call;

  Upload(
      PatientUpstream owner,
      RequestHead head,
      Content.Source client,
      TimeLimits limits,
      CallListener listener) {
    this.owner = owner;
    this.head = head;
    this.limits = limits;
    this.listener = listener;
    this.meter = new PaceMeter(owner.settings().pace());
    int ahead = owner.ahead(head);
    this.enough = ahead == 0;
    this.content = new ReadAhead(client, owner.budget(), ahead, this::contentEnded);
  }

  @Override
  public void send() {
    since = System.nanoTime();
    turns.take();
  }

  @Override
  public void abort(Throwable reason) {
    if (cause == null) {
      cause = reason;
    }
    turns.take();
  }

  /** The gate is open for this one. */
  void admitted() {
    admitted = true;
    turns.take();
  }

  @Override
  public void look(long now) {
    if (state == State.QUEUED) {
      if (now - since > limits.response().toNanos()) {
        abort(new RejectedExecutionException("too many requests whose content is still coming"));
      }
    } else if (!answered && meter.isTooSlow(now, content.isAwaited(), content.received())) {
      abort(new SlowContentException());
    } else if (isPatienceOver(now)) {
      enough = true;
      turns.take();
    }
  }

  private boolean isPatienceOver(long now) {
    return state == State.GATHERING
        && content.getLength() < 0
        && now - since > owner.settings().patience().toNanos();
  }

  private void turn() {
    Throwable reason = cause;
    if (state == State.SENT) {
      if (reason != null) {
        Objects.requireNonNull(call).abort(reason);
      }
    } else if (state != State.OVER) {
      if (reason != null) {
        end(reason);
      } else if (state == State.GATHERING) {
        gather();
      }
      if (state == State.QUEUED && admitted) {
        forward();
      }
    }
  }

  private void gather() {
    if (!enough && !content.gather()) {
      watch();
      content.await(turns::take);
      return;
    }
    Throwable broken = content.failure();
    if (broken != null) {
      end(broken);
    } else if (content.isWhole()) {
      forward();
    } else {
      watch();
      since = System.nanoTime();
      state = State.QUEUED;
      if (!owner.gate().enter(this)) {
        end(new RejectedExecutionException("too many requests whose content is still coming"));
      }
    }
  }

  private void forward() {
    Call made = owner.upstream().call(head, content, limits, this);
    call = made;
    state = State.SENT;
    made.send();
  }

  private void watch() {
    if (!PatientUpstream.isConversation(head) && watched.compareAndSet(false, true)) {
      owner.watch().add(this);
    }
  }

  private void contentEnded() {
    owner.gate().leave(this);
    unwatch();
  }

  private void unwatch() {
    if (watched.get()) {
      owner.watch().remove(this);
    }
  }

  /** Ends what has not reached the upstream. */
  private void end(Throwable reason) {
    state = State.OVER;
    content.fail(reason);
    contentEnded();
    listener.over(reason);
  }

  @Override
  public void interim(int status, HttpFields fields) {
    listener.interim(status, fields);
  }

  @Override
  public void answered(int status, HttpFields fields, Content.Source answer) {
    answered = true;
    listener.answered(status, fields, answer);
  }

  @Override
  public void over(@Nullable Throwable failure) {
    contentEnded();
    listener.over(failure);
  }
}
