package io.sluice.app;

import io.sluice.http2.Http2Upstream;
import io.sluice.upstream.Http1Upstream;
import io.sluice.upstream.Sockets;
import io.sluice.upstream.Upstream;
import io.sluice.upstream.UpstreamSettings;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.util.thread.Scheduler;

/** Chooses the transport that speaks an upstream's protocol. */
final class Transport {

  private Transport() {}

  static Upstream to(
      UpstreamSettings upstream,
      Sockets sockets,
      Executor executor,
      Scheduler scheduler,
      ByteBufferPool buffers) {
    return switch (upstream.protocol()) {
      case HTTP1 -> new Http1Upstream(upstream, sockets, executor, scheduler, buffers);
      case H2 -> new Http2Upstream(upstream, sockets, executor, scheduler, buffers);
    };
  }
}
