package io.sluice.bench;

import io.sluice.request.CanonicalPath;
import io.sluice.request.PathRules;
import io.sluice.request.RefusedPathException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Reading a request's path into the one spelling that is matched and forwarded. */
@State(Scope.Thread)
public class CanonicalPathBenchmark extends NanosPerCall {

  // Not constants, so that nothing is worked out before the time is taken.
  private String plain = "/api/chat/rooms/42/messages";
  private String encoded = "/api/caf%C3%A9/ro%6Fms/42/m%20e";
  private String dots = "/api/./chat/../chat/rooms/42/messages;v=1";

  @Benchmark
  public CanonicalPath plain() throws RefusedPathException {
    return CanonicalPath.of(plain, PathRules.DEFAULT);
  }

  @Benchmark
  public CanonicalPath percentEncoded() throws RefusedPathException {
    return CanonicalPath.of(encoded, PathRules.DEFAULT);
  }

  @Benchmark
  public CanonicalPath dotSegments() throws RefusedPathException {
    return CanonicalPath.of(dots, PathRules.DEFAULT);
  }
}
