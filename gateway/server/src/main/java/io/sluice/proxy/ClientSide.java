package io.sluice.proxy;

import io.sluice.request.Exchange;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Hears how the client's side of an exchange ends, and reports to its {@link Forwarding}: from the
 * servlet container, which tells only of requests that wait already; from the stream of HTTP/2,
 * which may end while its request is being taken up; and from the exchange, which knows of every
 * end. The same may be reported more than once.
 */
final class ClientSide implements AsyncListener, Exchange.Bearer {

  private final Forwarding forwarding;

  ClientSide(Forwarding forwarding) {
    this.forwarding = forwarding;
  }

  /**
   * Listens from now on; what has happened before is reported at once.
   *
   * @param hasContent whether content is read from the request, which then tells of its failure
   */
  void hear(Request request, AsyncContext async, @Nullable Exchange exchange, boolean hasContent) {
    async.addListener(this);
    if (exchange != null) {
      exchange.carriedBy(this);
    }
    if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2) {
      request.addFailureListener(this::failed);
      if (!hasContent) {
        // Jetty tells nothing to a listener that comes after the failure.
        lookForFailure(request);
      }
    }
  }

  private void lookForFailure(Request request) {
    Content.Chunk end = request.read();
    if (Content.Chunk.isFailure(end)) {
      failed(end.getFailure());
    } else if (end != null) {
      end.release();
    }
  }

  private void failed(Throwable cause) {
    if (cause instanceof TimeoutException || cause instanceof HttpException) {
      forwarding.requestFailed(cause);
    } else {
      forwarding.clientLeft(cause);
    }
  }

  @Override
  public void clientLeft(Throwable how) {
    forwarding.clientLeft(how);
  }

  @Override
  public void exchangeEnded() {
    forwarding.exchangeEnded();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    forwarding.completed();
  }

  @Override
  public void onTimeout(AsyncEvent event) {}

  @Override
  public void onError(AsyncEvent event) {
    forwarding.requestFailed(event.getThrowable());
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}
}
