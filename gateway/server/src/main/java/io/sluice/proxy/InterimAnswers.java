package io.sluice.proxy;

import org.eclipse.jetty.client.ProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** Passes over the upstream's 1xx answers, so that the final one is awaited. */
final class InterimAnswers implements ProtocolHandler {

  @Override
  public String getName() {
    return "interim";
  }

  @Override
  public boolean accept(Request request, Response response) {
    int status = response.getStatus();
    return HttpStatus.isInformational(status) && status != HttpStatus.SWITCHING_PROTOCOLS_101;
  }

  @Override
  public Response.Listener getResponseListener() {
    return new Skip();
  }

  private static final class Skip implements Response.Listener {

    @Override
    public void onSuccess(Response response) {
      HttpExchange exchange = exchange(response);
      if (exchange != null) {
        exchange.resetResponse();
      }
    }

    @Override
    public void onFailure(Response response, Throwable failure) {
      HttpExchange exchange = exchange(response);
      if (exchange != null) {
        exchange
            .getResponseListeners()
            .emitFailureComplete(
                new Result(exchange.getRequest(), exchange.getRequestFailure(), response, failure));
      }
    }

    private static @Nullable HttpExchange exchange(Response response) {
      HttpConversation conversation = ((HttpRequest) response.getRequest()).getConversation();
      conversation.updateResponseListeners(null);
      return conversation.getExchanges().peekLast();
    }
  }
}
