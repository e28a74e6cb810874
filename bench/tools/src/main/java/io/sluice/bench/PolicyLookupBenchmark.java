package io.sluice.bench;

import io.sluice.policy.Match;
import io.sluice.policy.PolicyBook;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Finding the policies that cover a request whose path is read already. A thousand requests take
 * turns, spread over the whole book, so a large book is also paid for in the processor's caches.
 */
@State(Scope.Thread)
public class PolicyLookupBenchmark extends NanosPerCall {

  private static final int REQUESTS = 1 << 10;

  @Param({"10", "1000", "10000"})
  public int policies;

  @SuppressWarnings("NullAway.Init") // by setup
  private PolicyBook book;

  private final AskedPath[] requests = new AskedPath[REQUESTS];
  private int next;

  /** Builds the book and the requests. */
  @Setup
  public void setup() {
    book = Books.of(policies);
    IntStream.range(0, REQUESTS)
        .forEach(i -> {
          int service = (int) ((long) i * policies / REQUESTS);
          requests[i] = AskedPath.of("/service-" + service + "/items/42");
        });
  }

  @Benchmark
  public List<Match> covering() {
    next = (next + 1) & (REQUESTS - 1);
    return book.covering(requests[next]);
  }
}
