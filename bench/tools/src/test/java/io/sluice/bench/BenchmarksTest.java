package io.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bench.ResultTable.Line;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

class BenchmarksTest {

  /** Seven of paths and fields, three of decisions, and lookups in three books. */
  private static final int ALL = 13;

  @Test
  void everyBenchmarkRuns() throws RunnerException {
    System.setProperty("jmh.ignoreLock", "true");
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include("io\\.sluice\\.bench\\..*")
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(10))
                    .verbosity(VerboseMode.SILENT)
                    .shouldFailOnError(true)
                    .build())
            .run();

    assertThat(results).hasSize(ALL);
    assertThat(ResultTable.of(results))
        .contains("| DecisionBenchmark.oneLimit |")
        .contains("| PolicyLookupBenchmark.covering, 10000 policies |")
        .contains("(bar: at most 2)");
  }

  @Test
  void fieldsAreReallyWritten() throws Exception {
    FieldsBenchmark fields = new FieldsBenchmark();

    assertThat(fields.oneLimit()).isEqualTo(5);
    assertThat(fields.threeLimits()).isEqualTo(5);
    assertThat(fields.oneLimitWithoutFields()).isZero();
  }

  @Test
  void everyLookupFindsItsPolicy() {
    PolicyLookupBenchmark lookup = new PolicyLookupBenchmark();
    lookup.policies = 1_000;
    lookup.setup();

    for (int i = 0; i < 1_024; i++) {
      assertThat(lookup.covering()).hasSize(1);
    }
  }

  @Test
  void decisionsGrantAndRefuseAsTheirNamesSay() throws Exception {
    DecisionBenchmark decisions = new DecisionBenchmark();
    for (int i = 0; i < People.MANY; i++) {
      decisions.refused();
    }

    assertThat(decisions.refused().toCompletableFuture().get().proceeds()).isFalse();
    assertThat(decisions.oneLimit().toCompletableFuture().get().proceeds()).isTrue();
    assertThat(decisions.threeLimits().toCompletableFuture().get().proceeds()).isTrue();
  }

  @Test
  void aSteepLookupMissesItsBar() {
    Line small = new Line("PolicyLookupBenchmark.covering, 10 policies", 150, 99, 100, "ns/op");
    Line large = new Line("PolicyLookupBenchmark.covering, 10000 policies", 150, 99, 201, "ns/op");

    assertThat(ResultTable.of(List.of(small, large)))
        .contains("medians: 2.01 (bar: at most 2): missed");
    assertThat(ResultTable.of(List.of(small, small)))
        .contains("medians: 1.00 (bar: at most 2): reached");
  }
}
