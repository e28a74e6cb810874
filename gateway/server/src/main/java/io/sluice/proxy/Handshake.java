package io.sluice.proxy;

import io.sluice.filter.ProblemAnswer;
import io.sluice.request.Exchange;
import io.sluice.websocket.Opening;
import io.sluice.websocket.Tunnel;
import io.sluice.websocket.Tunnels;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.ProtocolException;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpStream;
import org.jspecify.annotations.Nullable;

/**
 * A request that opens a WebSocket connection, on its way to the upstream, and what becomes of it:
 * a tunnel where the upstream agrees, and an ordinary answer where not (RFC 6455, section 4).
 */
final class Handshake {

  private final Opening opening;
  private final Tunnel tunnel;

  private Handshake(Opening opening, Tunnel tunnel) {
    this.opening = opening;
    this.tunnel = tunnel;
  }

  /** Takes up an opening; or answers it, when it is wrong or one too many, and returns null. */
  static @Nullable Handshake begin(
      Opening opening,
      Tunnels tunnels,
      ProblemAnswer problems,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Opening.Fault fault = opening.fault();
    if (fault != null) {
      refuse(fault, problems, request, response);
      return null;
    }
    Exchange exchange = (Exchange) request.getAttribute(Exchange.ATTRIBUTE);
    Tunnel tunnel = exchange == null ? null : tunnels.reserve(exchange);
    if (tunnel == null) {
      problems.sendReducedCapacity(
          request, response, "as many WebSocket connections are open as there may be");
      return null;
    }
    return new Handshake(opening, tunnel);
  }

  private static void refuse(
      Opening.Fault fault,
      ProblemAnswer problems,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    boolean version = fault.status() == HttpStatus.UPGRADE_REQUIRED_426;
    if (version) {
      response.setHeader("Sec-WebSocket-Version", Opening.VERSION);
      response.setHeader("Upgrade", "websocket");
      response.setHeader("Connection", "Upgrade");
    }
    problems.send(
        request,
        response,
        fault.status(),
        version ? "Upgrade required" : "Bad request",
        fault.detail());
  }

  /** Adds what asks the upstream to switch, which no other hop's fields could say. */
  void ask(HttpFields.Mutable out) {
    Opening.addTo(out);
  }

  /** Makes sure that a 101 agrees to what the client asked for. */
  void check(HttpFields answer) throws ProtocolException {
    String fault = opening.faultOf(answer);
    if (fault != null) {
      throw new ProtocolException("the upstream's 101 has " + fault);
    }
  }

  /** Lets the tunnel begin as soon as the client has its 101; status and fields are set. */
  void accept(ServletContextRequest request, EndPoint upstream) {
    ConnectionMetaData http = request.getConnectionMetaData();
    HttpFields.Mutable fields = request.getServletContextResponse().getWrapped().getHeaders();
    fields.remove(HttpHeader.CONTENT_LENGTH);
    Opening.addTo(fields);
    Connection next =
        tunnel.between(
            http.getConnection().getEndPoint(), upstream, http.getConnector().getExecutor());
    http.getConnector().getEventListeners().stream()
        .filter(Connection.Listener.class::isInstance)
        .forEach(listener -> next.addEventListener(listener));
    request
        .getServletChannel()
        .getRequest()
        .setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, next);
  }
}
