package io.sluice.balance;

import io.sluice.upstream.Call;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.Upstream;
import io.sluice.upstream.UpstreamStatus;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/** A server that does with each call, at once, what its script says. */
final class ScriptedServer implements Upstream {

  /** What happens when a call is sent. */
  interface Script {
    void play(RequestHead head, Content.@Nullable Source content, CallListener listener);
  }

  static final Script WELL = answering(200);

  final AtomicInteger calls = new AtomicInteger();
  volatile Script script = WELL;
  volatile @Nullable Call last;
  volatile boolean running;
  volatile boolean retired;

  static Script answering(int status) {
    return (head, content, listener) -> {
      listener.answered(status, HttpFields.EMPTY, Content.Source.from(ByteBuffer.allocate(0)));
      listener.over(null);
    };
  }

  /** Fails as the transport does: content first, then the call. */
  static Script failing(Throwable cause) {
    return (head, content, listener) -> {
      if (content != null) {
        content.fail(cause);
      }
      listener.over(cause);
    };
  }

  static Script hanging() {
    return (head, content, listener) -> {};
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public void retire() {
    retired = true;
  }

  @Override
  public UpstreamStatus status() {
    return new UpstreamStatus(1, 1, 0, null, Duration.ZERO);
  }

  @Override
  public Call call(
      RequestHead head,
      Content.@Nullable Source content,
      TimeLimits limits,
      CallListener listener) {
    Call call =
        new Call() {
          @Override
          public void send() {
            calls.incrementAndGet();
            script.play(head, content, listener);
          }

          @Override
          public void abort(Throwable cause) {
            listener.over(cause);
          }
        };
    last = call;
    return call;
  }
}
