package io.sluice.app;

import io.sluice.request.DecisionId;
import io.sluice.request.Exchange;
import java.util.function.Consumer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Makes every request an {@link Exchange} and tells it, from the transport, what is sent and how it
 * ended: whoever writes the answer, on whatever thread, HTTP/1.1 or HTTP/2.
 */
final class ExchangeHandler extends Handler.Wrapper {

  private final Consumer<? super Exchange> begun;

  /** Creates a handler that hands each exchange over before anything else sees the request. */
  ExchangeHandler(Consumer<? super Exchange> begun, Handler next) {
    super(next);
    this.begun = begun;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Exchange exchange =
        new Exchange(DecisionId.at(Request.getTimeStamp(request)), request.getBeginNanoTime());
    request.setAttribute(Exchange.ATTRIBUTE, exchange);
    request.addHttpStreamWrapper(
        stream -> new ExchangeStream(stream, exchange, request.getConnectionMetaData()));
    begun.accept(exchange);
    return super.handle(request, response, callback);
  }
}
