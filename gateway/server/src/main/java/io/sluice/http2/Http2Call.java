package io.sluice.http2;

import io.sluice.upstream.Call;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.Deadline;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.Stage;
import io.sluice.upstream.StaleConnectionException;
import io.sluice.upstream.TimeLimits;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * One call: a stream of a connection, on which the request goes up and the answer comes down, and
 * which end independently. It is over when both have ended, or when one has failed, and the
 * listener is told exactly once; its place on the connection is free when Jetty has closed the
 * stream.
 *
 * <p>Streams are told of by the thread that reads the connection, the content of the request is
 * sent by whoever brings it, and failures come from anywhere. They meet in the {@link Stage}.
 */
final class Http2Call implements Call, Stream.Listener, Promise<Stream> {

  private final Sessions sessions;
  private final RequestHead head;
  private final TimeLimits limits;
  private final CallListener listener;
  private final Content.@Nullable Source content;
  private final @Nullable ContentSender sender;
  private final Stage stage = new Stage();
  private final Deadline answering = new Deadline();
  private final AtomicReference<@Nullable UpstreamSession> place = new AtomicReference<>();
  private final AnswerContent answer = new AnswerContent(this);
  private volatile @Nullable UpstreamSession session;
  private volatile @Nullable HTTP2Stream stream;
  private volatile boolean answered;
  private long waitBy;
  private int interims;

  Http2Call(
      Sessions sessions,
      RequestHead head,
      Content.@Nullable Source content,
      TimeLimits limits,
      CallListener listener) {
    this.sessions = sessions;
    this.head = head;
    this.content = content;
    this.limits = limits;
    this.listener = listener;
    this.sender =
        content == null
            ? null
            : new ContentSender(this, content, head.contentLength(), limits.idle());
  }

  @Override
  public void send() {
    if (!stage.isDecided()) {
      sessions.send(this);
    }
  }

  @Override
  public void abort(Throwable cause) {
    fail(cause);
  }

  TimeLimits limits() {
    return limits;
  }

  /** Sets the clock time until which it may wait for a connection; under the sessions' monitor. */
  void waitUntil(long time) {
    waitBy = time;
  }

  /** Returns the clock time until which it may wait; under the sessions' monitor. */
  long waitBy() {
    return waitBy;
  }

  /** Sends the request on a connection on which a place was taken for it. */
  void start(UpstreamSession on) {
    session = on;
    place.set(on);
    on.begin(this);
    if (!stage.start()) {
      on.finish(this, false);
      leavePlace();
      return;
    }
    try {
      MetaData.Request request =
          Http2Request.of(head, sessions.scheme(), sessions.settings().upstream().getAuthority());
      if (Http2Request.size(request) > on.maxFields()) {
        // Handed to Jetty it would end the connection, and everybody's calls.
        throw new IOException("the request's fields are larger than the upstream takes");
      }
      if (content == null) {
        awaitAnswer();
      }
      on.session().newStream(new HeadersFrame(request, null, content == null), this, this);
    } catch (IOException | RuntimeException e) {
      leavePlace();
      fail(e);
    }
  }

  @Override
  public void onNewStream(Stream made) {
    stream = (HTTP2Stream) made;
    if (stage.isDecided()) {
      reset();
    }
  }

  /** The head of the request has been written. */
  @Override
  public void succeeded(Stream made) {
    if (sender == null) {
      sent(true);
    } else {
      sender.send((HTTP2Stream) made);
    }
  }

  /** The head of the request has not been written. */
  @Override
  public void failed(Throwable cause) {
    UpstreamSession on = session;
    leavePlace();
    if (stream == null && on != null && !stage.isDecided()) {
      // Nothing is sent: the connection was about to end, so another one may serve.
      on.finish(this, false);
      on.refuse();
      sessions.send(this);
    } else {
      fail(cause);
    }
  }

  /** The request is sent, as far as it ever will be. */
  void sent(boolean whole) {
    if (whole && content != null) {
      awaitAnswer();
    }
    if (stage.send()) {
      leave(null);
    }
  }

  private synchronized void awaitAnswer() {
    if (!answered) {
      answering.set(limits.response());
    }
  }

  private synchronized void beginAnswer() {
    answered = true;
    answering.lift();
  }

  @Override
  public void onHeaders(Stream on, HeadersFrame frame, Callback callback) {
    try {
      if (!(frame.getMetaData() instanceof MetaData.Response response)) {
        trailers(frame);
      } else if (answered) {
        throw new ProtocolException("the upstream answered twice");
      } else if (HttpStatus.isInformational(response.getStatus())) {
        interim(response, frame.isEndStream());
      } else {
        answer(response);
      }
    } catch (ProtocolException | RuntimeException e) {
      fail(e);
    } finally {
      callback.succeeded();
    }
  }

  private void interim(MetaData.Response response, boolean end) throws ProtocolException {
    if (end || response.getStatus() == HttpStatus.SWITCHING_PROTOCOLS_101) {
      throw new ProtocolException("no answer can end with " + response.getStatus());
    }
    interims = CallListener.oneMoreInterim(interims);
    tell(() -> listener.interim(response.getStatus(), response.getHttpFields()));
  }

  private void answer(MetaData.Response response) {
    beginAnswer();
    boolean bare = head.isHead() || HttpStatus.hasNoBody(response.getStatus());
    answer.expect(bare ? 0 : response.getHttpFields().getLongField(HttpHeader.CONTENT_LENGTH));
    tell(() -> listener.answered(response.getStatus(), response.getHttpFields(), answer));
  }

  private void trailers(HeadersFrame frame) throws ProtocolException {
    if (!answered || !frame.isEndStream()) {
      throw new ProtocolException("the upstream sent trailers where none can be");
    }
    answer.trailers(frame.getMetaData().getHttpFields());
  }

  private void tell(Runnable news) {
    if (!stage.tell()) {
      return;
    }
    try {
      news.run();
    } finally {
      if (stage.told()) {
        listener.over(answer.failure());
      }
    }
  }

  @Override
  public void onDataAvailable(Stream on, boolean immediate) {
    answer.available();
  }

  @Override
  public void onReset(Stream on, ResetFrame frame, Callback callback) {
    if (answered && ((HTTP2Stream) on).isLastDataReceived()) {
      // The answer is whole; what is left of the request is not wanted (RFC 9113, section 8.1).
      answer.resetAfterEnd();
      if (sender != null) {
        sender.stop(new IOException("answered before the request was sent"));
      }
    } else if (frame.getError() == ErrorCode.REFUSED_STREAM_ERROR.code) {
      fail(new StaleConnectionException("the upstream refused the stream"));
    } else {
      fail(
          new IOException(
              "the upstream reset the stream: " + ErrorCode.toString(frame.getError(), "?")));
    }
    callback.succeeded();
  }

  @Override
  public void onFailure(Stream on, int error, String reason, Throwable failure, Callback callback) {
    UpstreamSession of = session;
    boolean unheard = !answered && of != null && of.hasServed();
    fail(StreamFailures.explained(error, failure, unheard));
    callback.succeeded();
  }

  @Override
  public void onClosed(Stream on) {
    leavePlace();
  }

  /** Fails when the upstream is silent too long, or Jetty has given the stream up by itself. */
  void check(long now) {
    if (answering.isPast(now) || answer.isLate(now) || (sender != null && sender.isLate(now))) {
      fail(new TimeoutException("the upstream was silent too long"));
    } else if (answer.isCutOff()) {
      fail(new ProtocolException("the upstream sent what does not follow HTTP/2"));
    }
  }

  /** The answer is read to its end. */
  void received() {
    if (sender != null && !sender.isHandedOver()) {
      reset();
      sender.stop(new IOException("answered before the request was sent"));
    }
    if (stage.receive()) {
      leave(null);
    }
  }

  void fail(Throwable cause) {
    if (stage.fail()) {
      // With the whole answer here nobody minds what happens to the rest of the request.
      leave(stage.isReceived() ? null : cause);
    }
  }

  @Nullable HTTP2Stream stream() {
    return stream;
  }

  /** Done once, by whoever decided. */
  private void leave(@Nullable Throwable cause) {
    answer.failed(cause);
    UpstreamSession on = session;
    boolean well = cause == null && stage.isSent();
    if (on != null) {
      on.finish(this, well);
    }
    if (stream == null) {
      sessions.forget(this);
    }
    if (!well) {
      reset();
      if (sender != null) {
        sender.stop(cause == null ? new IOException("answered") : cause);
      }
    }
    answer.wake();
    if (stage.leave()) {
      listener.over(cause);
    }
  }

  /** Tells the upstream that the stream is not wanted any more, unless it has ended. */
  private void reset() {
    HTTP2Stream on = stream;
    if (on != null && !on.isClosed()) {
      on.reset(new ResetFrame(on.getId(), ErrorCode.CANCEL_STREAM_ERROR.code), Callback.NOOP);
    }
  }

  private void leavePlace() {
    UpstreamSession left = place.getAndSet(null);
    if (left != null) {
      left.left();
    }
  }
}
