package io.sluice.app;

import io.sluice.identity.Identity;
import io.sluice.limit.Decision;
import io.sluice.request.DecisionId;
import io.sluice.request.Exchange;
import java.io.IOException;
import java.nio.file.Path;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.NanoTime;
import org.jspecify.annotations.Nullable;

/**
 * Writes one line of JSON for each request, those included that the server answers itself before
 * any filter is asked. Refusals above a rate are counted and not written; the next line says how
 * many. Never blocks a request. Thread-safe.
 */
public final class AccessLog implements RequestLog, AutoCloseable {

  private final AccessLogWriter writer;
  private final AccessLogSampler refusals;

  /**
   * Opens the log.
   *
   * @throws IOException when its file cannot be written
   */
  public AccessLog(AccessLogSettings settings) throws IOException {
    this.writer = writer(settings.file());
    this.refusals = new AccessLogSampler(settings.refusalsPerSecond());
  }

  private static AccessLogWriter writer(String file) throws IOException {
    boolean console = file.equals(AccessLogSettings.STANDARD_OUTPUT);
    try {
      return new AccessLogWriter(new AccessLogFile(console ? null : Path.of(file)));
    } catch (IOException e) {
      throw new IOException(
          "access-log.file cannot be written: %s; name another file, or - for standard output"
              .formatted(e.getMessage()),
          e);
    }
  }

  @Override
  public void log(Request request, Response response) {
    long begin = Request.getTimeStamp(request);
    long nanos = NanoTime.since(request.getBeginNanoTime());
    Decision decision = attribute(request, Decision.class.getName(), Decision.class);
    int status = response.getStatus();
    boolean refusal = decision == null ? status >= 400 : !decision.proceeds();
    if (!refusal || refusals.passes(begin + nanos / 1_000_000)) {
      Exchange exchange = attribute(request, Exchange.ATTRIBUTE, Exchange.class);
      write(
          exchange,
          new AccessLogEntry(
              begin,
              decisionId(request, begin),
              request.getMethod(),
              path(request),
              status,
              Response.getContentBytesWritten(response),
              nanos,
              Request.getRemoteAddr(request),
              attribute(request, Identity.class.getName(), Identity.class),
              decision,
              exchange == null ? -1 : exchange.upstreamNanos(),
              refusals.takeSkipped()));
    }
  }

  /** What goes on in another protocol is told when that has ended. */
  private void write(@Nullable Exchange exchange, AccessLogEntry entry) {
    if (exchange == null || entry.status() != HttpStatus.SWITCHING_PROTOCOLS_101) {
      writer.write(entry);
      return;
    }
    exchange.listen(
        new Exchange.Listener() {
          @Override
          public void onEnd(Exchange.Outcome outcome) {
            writer.write(entry.ended(outcome.contentBytes(), outcome.nanos()));
          }
        });
  }

  /** Returns how many lines were lost because the disk failed or is slower than the requests. */
  public long dropped() {
    return writer.dropped();
  }

  /** Writes what is left and closes the file; waits for at most ten seconds. */
  @Override
  public void close() {
    writer.close();
  }

  /**
   * An answer that the server gave itself has no exchange; its own id, or else a new one, names it.
   */
  private static String decisionId(Request request, long epochMillis) {
    Exchange exchange = attribute(request, Exchange.ATTRIBUTE, Exchange.class);
    if (exchange != null) {
      return exchange.decisionId();
    }
    String id = attribute(request, DecisionId.class.getName(), String.class);
    return id == null ? DecisionId.at(epochMillis) : id;
  }

  /** Returns the raw path; empty where the request line named none or could not be read. */
  private static String path(Request request) {
    HttpURI uri = request.getHttpURI();
    String path = uri == null ? null : uri.getPath();
    return path == null ? "" : path;
  }

  private static <T> @Nullable T attribute(Request request, String name, Class<T> type) {
    Object value = request.getAttribute(name);
    return type.isInstance(value) ? type.cast(value) : null;
  }
}
