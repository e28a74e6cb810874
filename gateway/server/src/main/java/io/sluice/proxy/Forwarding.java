package io.sluice.proxy;

import io.sluice.request.Exchange;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.SlowContentException;
import io.sluice.upstream.Upstream;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to the upstream and its answer on the way back. It is settled once: by the
 * whole answer, by a failure of the upstream, or by the client going away; whatever comes later is
 * an echo of that.
 */
final class Forwarding implements AnswerPump.Owner, Stall.Owner, AsyncListener {

  private final ForwardServlet servlet;
  private final ServletContextRequest request;
  private final HttpServletResponse response;
  private final RequestTarget target;
  private final @Nullable RequestBody body;
  private final @Nullable Exchange exchange;
  private final AsyncContext async;
  private final AnswerPump pump;
  private final AtomicBoolean settled = new AtomicBoolean();
  private final AtomicBoolean halfOver = new AtomicBoolean();
  private volatile @Nullable Attempt attempt;

  Forwarding(
      ForwardServlet servlet,
      HttpServletRequest request,
      HttpServletResponse response,
      RequestTarget target)
      throws IOException {
    this.servlet = servlet;
    this.request = ServletContextRequest.getServletContextRequest(request);
    this.response = response;
    this.target = target;
    this.body = RequestBody.of(this.request);
    this.exchange = (Exchange) request.getAttribute(Exchange.ATTRIBUTE);
    this.async = request.startAsync(request, response);
    this.pump = new AnswerPump(response.getOutputStream(), this);
  }

  /** Sends the request. Called once, by the thread that serves it. */
  void start() throws IOException {
    async.setTimeout(0);
    async.addListener(this);
    // Before the answer can come, so that its first octet finds the stream ready on any thread.
    response.getOutputStream().setWriteListener(pump);
    attempt(false);
  }

  private void attempt(boolean again) {
    HttpFields.Mutable fields = HttpFields.build();
    servlet.requestFields(request, body, fields);
    RequestHead head = new RequestHead(request.getMethod(), target.text(), fields);
    Attempt next = new Attempt(this, servlet.upstream(), head, body, servlet.limits(), again);
    attempt = next;
    next.send();
  }

  /** Sends the request once more: the pooled connection had died unused. */
  void again() {
    if (settled.get()) {
      over();
    } else {
      attempt(true);
    }
  }

  void answered(int status, HttpFields fields, Content.Source content, long nanos) {
    if (exchange != null) {
      exchange.upstreamAnswered(nanos);
    }
    servlet.observer().answered(status, nanos);
    pump.pour(
        new AnswerPump.Answer(
            content,
            () -> fields.getLongField(HttpHeader.CONTENT_LENGTH),
            () -> servlet.answerFields().copy(status, fields, request, response)));
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
  private void requestFailed(Throwable cause) {
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
    pump.divert(
        GatewayAnswer.of(kind).answer(servlet.problems(), request.getServletApiRequest(), response),
        () -> breakOff(cause));
  }

  private void refuse(Throwable cause, GatewayAnswer refusal) {
    if (settle()) {
      abortAttempt(cause);
      pump.divert(
          refusal.answer(servlet.problems(), request.getServletApiRequest(), response),
          () -> abort(cause));
    }
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
    return servlet.upstream();
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

  @Override
  public void onComplete(AsyncEvent event) {
    pump.release();
  }

  @Override
  public void onTimeout(AsyncEvent event) {}

  @Override
  public void onError(AsyncEvent event) {
    requestFailed(event.getThrowable());
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}
}
