package io.sluice.metrics;

import com.codahale.metrics.Counter;
import java.util.concurrent.atomic.LongAdder;

/** Counts requests that clients send: those in flight, and the ended by status. Thread-safe. */
public final class RequestMetrics {

  private static final int SWITCHED = 101;

  private final StatusCounters answers;
  private final FixedHistogram latency;
  private final Counter bytes;
  private final LongAdder inFlight = new LongAdder();

  public RequestMetrics(Instruments instruments) {
    this.answers =
        new StatusCounters(
            instruments,
            "sluice_requests_total",
            "Requests ended, by status class of the answer; none where no answer was sent.");
    this.latency =
        instruments.durations(
            MetricName.of("sluice_request_seconds"),
            "Time from a request's first octet to the end of its answer; not of WebSocket"
                + " connections.");
    this.bytes =
        instruments.counter(
            MetricName.of("sluice_response_content_bytes_total"),
            "Octets of content sent to clients.");
    instruments.gauge(
        MetricName.of("sluice_requests_in_flight"),
        "Requests begun and not ended yet; open WebSocket connections are among them.",
        inFlight::sum);
  }

  /** A request has begun; {@link #ended} follows exactly once. */
  public void began() {
    inFlight.increment();
  }

  /**
   * A request has ended. How long a client stays after a switch of protocols (101) is no latency.
   *
   * @param status the status sent; 0 when none was
   */
  public void ended(int status, long contentBytes, long nanos) {
    inFlight.decrement();
    answers.count(status);
    bytes.inc(contentBytes);
    if (status != SWITCHED) {
      latency.record(nanos);
    }
  }
}
