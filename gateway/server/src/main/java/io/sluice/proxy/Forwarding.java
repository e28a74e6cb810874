package io.sluice.proxy;

import io.sluice.request.Exchange;
import io.sluice.route.Route;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.SlowContentException;
import io.sluice.upstream.Upstream;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to the upstream and its answer on the way back. It is settled once: by the
 * whole answer, by a failure of the upstream, or by the client going away; whatever comes later is
 * an echo of that.
 */
final class Forwarding implements AnswerPump.Owner, Stall.Owner {

  private final ForwardServlet servlet;
  private final ServletContextRequest request;
  private final HttpServletResponse response;
  private final Route route;
  private final RequestTarget target;
  private final @Nullable Handshake handshake;
  private final @Nullable RequestBody body;
  private final @Nullable HeldContent held;
  private final @Nullable Exchange exchange;
  private final AsyncContext async;
  private final AnswerPump pump;
  private final AtomicBoolean settled = new AtomicBoolean();
  private final AtomicBoolean halfOver = new AtomicBoolean();
  private volatile @Nullable Attempt attempt;
  private volatile Scheduler.@Nullable Task total;
  private volatile @Nullable Interims interims;
  private volatile @Nullable AnswerTrailers trailers;

  Forwarding(
      ForwardServlet servlet,
      HttpServletRequest request,
      HttpServletResponse response,
      Route route,
      RequestTarget target,
      @Nullable Handshake handshake)
      throws IOException {
    this.servlet = servlet;
    this.request = ServletContextRequest.getServletContextRequest(request);
    this.response = response;
    this.route = route;
    this.target = target;
    this.handshake = handshake;
    this.body = servlet.body(this.request);
    this.held = body != null && body.isHeld() ? servlet.held(body, interims()) : null;
    this.exchange = (Exchange) request.getAttribute(Exchange.ATTRIBUTE);
    this.async = request.startAsync(request, response);
    this.pump = new AnswerPump(response.getOutputStream(), this);
  }

  /** Sends the request. Called once, by the thread that serves it. */
  void start() throws IOException {
    async.setTimeout(0);
    // Before the answer can come, so that its first octet finds the stream ready on any thread.
    response.getOutputStream().setWriteListener(pump);
    Duration longest = route.limits().total();
    if (longest != null) {
      long millis = longest.toMillis();
      total = servlet.scheduler().schedule(this::expire, millis, TimeUnit.MILLISECONDS);
    }
    new ClientSide(this).hear(request, async, exchange, body != null);
    attempt();
  }

  /** The exchange has lasted for as long as its route lets it. */
  private void expire() {
    TimeoutException cause = new TimeoutException("the exchange lasted too long");
    upstreamFailed(cause, UpstreamFailure.RESPONSE_TIMEOUT);
  }

  /** Sends the request, also once more where the pooled connection had died unused. */
  void attempt() {
    if (settled.get()) {
      over();
      return;
    }
    HttpFields.Mutable fields = HttpFields.build();
    servlet.requestFields(request, route, body, fields);
    if (handshake != null) {
      handshake.ask(fields);
    }
    RequestHead head = new RequestHead(request.getMethod(), target.text(), fields);
    Content.Source content = held == null ? body : held;
    Attempt next = new Attempt(this, route.upstream(), head, content, route.limits());
    attempt = next;
    if (settled.get()) {
      // Just now, by somebody who may have looked for an attempt before there was one.
      next.abort(new IOException("it was given up before it was sent"));
    } else {
      next.send();
    }
  }

  void interim(int status, HttpFields fields) {
    if (status == HttpStatus.CONTINUE_100) {
      if (held != null) {
        held.want();
      }
    } else if (Interims.areKnownTo(request)) {
      interims().pass(status, fields);
    }
  }

  private Interims interims() {
    Interims known = interims;
    if (known == null) {
      known = new Interims(request);
      interims = known;
    }
    return known;
  }

  boolean asksToSwitch() {
    return handshake != null;
  }

  /**
   * The upstream agrees to speak WebSocket; the client is told when the upstream's side is over.
   */
  void switched(HttpFields fields, EndPoint upstream, long nanos) {
    Handshake asked = Objects.requireNonNull(handshake);
    try {
      asked.check(fields);
    } catch (ProtocolException e) {
      failed(e);
      return;
    }
    if (!settle()) {
      abortAttempt(new IOException("nobody is left to switch protocols for"));
      return;
    }
    if (exchange != null) {
      exchange.upstreamAnswered(nanos);
      // It lasts as long as the tunnel, which hears of its ends itself and needs no request.
      exchange.carriedBy(null);
    }
    servlet.observer().answered(HttpStatus.SWITCHING_PROTOCOLS_101, nanos);
    servlet.answerFields().copy(HttpStatus.SWITCHING_PROTOCOLS_101, fields, request, response);
    asked.accept(request, upstream);
    oneSideOver();
  }

  void answered(int status, HttpFields fields, Content.Source content, long nanos) {
    if (exchange != null) {
      exchange.upstreamAnswered(nanos);
    }
    servlet.observer().answered(status, nanos);
    if (held != null) {
      held.answered(status);
    }
    Content.Source passed =
        status == HttpStatus.RESET_CONTENT_205 ? new NoContent(content) : content;
    AnswerPump.Answer answer =
        new AnswerPump.Answer(
            passed,
            () -> fields.getLongField(HttpHeader.CONTENT_LENGTH),
            () -> begin(status, fields));
    Interims before = interims;
    if (before == null) {
      pump.pour(answer);
    } else {
      before.after(() -> pump.pour(answer));
    }
  }

  private void begin(int status, HttpFields fields) {
    if (servlet.answerFields().copy(status, fields, request, response)) {
      trailers = AnswerTrailers.of(fields, request);
    }
  }

  @Override
  public void trailed(HttpFields received) {
    AnswerTrailers expected = trailers;
    if (expected != null) {
      expected.came(received);
    }
  }

  /** The upstream failed, or the client's content that was on the way to it. */
  void failed(Throwable cause) {
    Throwable unread = body == null ? null : body.failure();
    if (unread == null && cause instanceof SlowContentException) {
      servlet.slow().cut(ClientCut.SLOW_CONTENT);
      unread = cause;
    }
    if (unread == null) {
      upstreamFailed(cause, UpstreamFailure.of(cause));
    } else {
      requestFailed(unread);
    }
  }

  /** The client's content stopped coming, cannot be read, or the client went away. */
  void requestFailed(Throwable cause) {
    if (cause instanceof TimeoutException) {
      refuse(cause, GatewayAnswer.STALLED);
    } else if (cause instanceof HttpException && !isEnd(cause)) {
      refuse(cause, GatewayAnswer.UNREADABLE);
    } else {
      clientFailed(cause);
    }
  }

  /** Unreadable content looks like an early end too; but then the client has not ended. */
  private boolean isEnd(Throwable cause) {
    EndPoint client = request.getConnectionMetaData().getConnection().getEndPoint();
    return cause instanceof EOFException && (client.isInputShutdown() || !client.isOpen());
  }

  private void upstreamFailed(Throwable cause, UpstreamFailure kind) {
    if (!settle()) {
      return;
    }
    servlet.observer().failed(kind);
    abortAttempt(cause);
    divert(GatewayAnswer.of(kind), () -> breakOff(cause));
  }

  private void refuse(Throwable cause, GatewayAnswer refusal) {
    if (settle()) {
      abortAttempt(cause);
      divert(refusal, () -> abort(cause));
    }
  }

  private void divert(GatewayAnswer to, Runnable tooLate) {
    AnswerPump.Answer answer =
        to.answer(servlet.problems(), request.getServletApiRequest(), response);
    interims().after(() -> pump.divert(answer, tooLate));
  }

  /** Ends an answer that has begun so that nobody can take it for a whole one. */
  private void breakOff(Throwable cause) {
    if (exchange != null) {
      exchange.breaking(Exchange.End.UPSTREAM_BROKE);
    }
    Severing.prepare(request);
    abort(cause);
  }

  @Override
  public void poured() {
    settle();
    oneSideOver();
  }

  /** The upstream's side is over, its connection back in the pool or closed. */
  void over() {
    oneSideOver();
  }

  /** Ends with the second side, so that a client's next request finds the connection free. */
  private void oneSideOver() {
    if (!halfOver.compareAndSet(false, true)) {
      async.complete();
    }
  }

  @Override
  public void sourceFailed(Throwable cause) {
    failed(cause);
  }

  /** Nobody awaits the answer. */
  void clientLeft(Throwable how) {
    if (settle()) {
      abortAttempt(how);
      abort(how);
    }
  }

  /** Settled by then, unless Jetty has answered a request that failed while it was taken up. */
  void exchangeEnded() {
    if (settle()) {
      pump.release();
      abortAttempt(new IOException("the exchange has ended without the upstream's answer"));
    }
  }

  @Override
  public void clientFailed(Throwable cause) {
    if (settle()) {
      abortAttempt(cause);
    }
    abort(cause);
  }

  @Override
  public Stall stalled() {
    return servlet.slow().readers().stalled(this);
  }

  @Override
  public Upstream upstream() {
    return route.upstream();
  }

  /** While the client's side is not over, the first half that ends is the upstream's. */
  @Override
  public boolean holdsUpstream() {
    return !halfOver.get();
  }

  @Override
  public void tooSlow(ClientCut cut) {
    servlet.slow().cut(cut);
    Severing.reset(request);
    clientFailed(new SlowAnswerException());
  }

  /** Cuts the client's stream: a reset in HTTP/2, the end of the connection in HTTP/1.1. */
  private void abort(Throwable cause) {
    pump.release();
    // An exception of this kind keeps Jetty from writing an error of its own.
    request.getServletChannel().abort(new Request.Handler.AbortException(cause));
  }

  private boolean settle() {
    return settled.compareAndSet(false, true);
  }

  private void abortAttempt(Throwable cause) {
    Attempt current = attempt;
    if (current != null) {
      current.abort(cause);
    }
  }

  /** The container is done with the request. */
  void completed() {
    Scheduler.Task pending = total;
    if (pending != null) {
      pending.cancel();
    }
    pump.release();
  }
}
