package io.sluice.app;

import io.sluice.filter.ProblemJson;
import io.sluice.request.DecisionId;
import io.sluice.request.Exchange;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Answers the errors that Jetty finds by itself, unreadable requests included, in the form of all
 * others: problem+json with a decision id. Repeats nothing of the request and names no internals.
 */
final class ProblemErrorHandler extends ErrorHandler {

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = status(request, response);
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    if (status == HttpStatus.SERVICE_UNAVAILABLE_503) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    if (HttpMethod.CONNECT.is(request.getMethod())) {
      // Jetty would keep it, and what follows may be meant for the tunnel.
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    if (HttpStatus.hasNoBody(status)) {
      callback.succeeded();
      return true;
    }
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, ProblemJson.CONTENT_TYPE);
    byte[] content = ProblemJson.bytes(status, title(status), detail(status), decisionId(request));
    response.write(true, ByteBuffer.wrap(content), callback);
    return true;
  }

  private static int status(Request request, Response response) {
    return request.getAttribute(ERROR_EXCEPTION) instanceof HttpException known
        ? known.getCode()
        : response.getStatus();
  }

  /** Unreadable requests never became an exchange; the one made here is for the log. */
  private static String decisionId(Request request) {
    if (request.getAttribute(Exchange.ATTRIBUTE) instanceof Exchange exchange) {
      return exchange.decisionId();
    }
    String id = DecisionId.at(Request.getTimeStamp(request));
    request.setAttribute(Exchange.ATTRIBUTE, new Exchange(id, request.getBeginNanoTime()));
    return id;
  }

  private static String title(int status) {
    String known = HttpStatus.getMessage(status);
    return known.isEmpty() ? "Error" : known;
  }

  private static String detail(int status) {
    return switch (status) {
      case 400 -> "the request cannot be read: it does not follow HTTP";
      case 404 -> "there is nothing here";
      case 408 -> "the request took too long to arrive";
      case 414, 431 ->
          "the header section of the request is too large; send fewer or shorter fields";
      case 417 -> "the expectation in Expect cannot be met";
      case 426 -> "this protocol version is not spoken here; use HTTP/1.1 or HTTP/2";
      case 503 -> "the gateway is about to stop; try again in a second";
      case 505 -> "this protocol version is not spoken here; use HTTP/1.1 or HTTP/2";
      default ->
          status < 500
              ? "the request cannot be served"
              : "the gateway failed to serve the request; the decision id finds it in the log";
    };
  }
}
