package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.websocket.Tunnels;
import io.sluice.websocket.WebSocketSettings;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.io.ArrayByteBufferPool;

/** A gateway before some port whose tunnels are watched: none may stay, nor a buffer of theirs. */
final class SocketHouse implements AutoCloseable {

  static final WebSocketSettings USUAL =
      new WebSocketSettings(TestGateway.LONG, TestGateway.LONG, 100);

  private final ArrayByteBufferPool.Tracking buffers = new ArrayByteBufferPool.Tracking();
  private final GatewayServer server = new GatewayServer(TestGateway.server(TestGateway.LONG));
  private final Tunnels tunnels;
  private final TestGateway gateway;

  SocketHouse(int upstream, WebSocketSettings settings, Filter... filters) throws IOException {
    this(upstream, 100, settings, filters);
  }

  SocketHouse(int upstream, int upstreamConnections, WebSocketSettings settings, Filter... filters)
      throws IOException {
    tunnels = new Tunnels(settings, server.scheduler(), buffers);
    var usual = TestGateway.upstream(upstream, Duration.ofSeconds(5), TestGateway.LONG);
    var upstreamSettings =
        new io.sluice.upstream.UpstreamSettings(
            usual.upstream(),
            usual.connectTimeout(),
            usual.responseTimeout(),
            usual.idleTimeout(),
            upstreamConnections,
            usual.maxQueued());
    gateway = new TestGateway(server, upstreamSettings, false, List.of(filters), tunnels);
  }

  TestGateway gateway() {
    return gateway;
  }

  Tunnels tunnels() {
    return tunnels;
  }

  ArrayByteBufferPool.Tracking buffers() {
    return buffers;
  }

  int port() {
    return gateway.port();
  }

  /** Opens a connection by hand and reads the 101. */
  RawClient open(String... fields) throws IOException {
    RawClient client = gateway.connect();
    client.send(Frames.opening("/socket", fields));
    assertThat(client.head()).startsWith("HTTP/1.1 101 ");
    return client;
  }

  /** Looks for what must not be left when all connections are closed. */
  void assertNothingIsLeft() {
    Eventually.becomes("no tunnel is open", () -> tunnels.open() == 0);
    Eventually.becomes("all buffers are given back", () -> buffers.getLeaks().isEmpty());
  }

  @Override
  public void close() {
    gateway.close();
    assertThat(buffers.getLeaks()).isEmpty();
  }
}
