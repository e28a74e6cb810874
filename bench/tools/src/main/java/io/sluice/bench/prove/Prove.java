package io.sluice.bench.prove;

import io.sluice.bench.fleet.Fleet;
import io.sluice.bench.fleet.GatewayProcess;
import io.sluice.bench.fleet.Rate;
import io.sluice.fixtures.LocalRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Proves exactness over HTTP and prints a table. */
@Command(
    name = "bench/prove",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Starts a Redis, an upstream and several gateways, lets clients exhaust limits of 5, 20 and"
            + " 200,000, and compares what was admitted with what was allowed and what Redis holds.",
    exitCodeOnExecutionException = 3,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:exact",
      "1:something was admitted beyond its limit, or charged in part",
      "2:bad options",
      "3:void: it could not be run to its end, or a gateway decided without Redis"
    })
public final class Prove implements Callable<Integer> {

  private static final int EXACT = 0;
  private static final int WRONG = 1;
  private static final int BAD_INPUT = 2;
  private static final int VOID = 3;
  private static final int WARM_UP = 60_000;
  private static final int SCENARIO_PARTS = 200;

  @Option(names = "--gateways", defaultValue = "3", description = "processes (${DEFAULT-VALUE})")
  private int gateways;

  @Option(
      names = "--decisions",
      defaultValue = "2000000",
      description = "requests over all twelve scenarios (${DEFAULT-VALUE})")
  private long decisions;

  @Option(
      names = "--connections",
      defaultValue = "96",
      description = "client connections, spread evenly (${DEFAULT-VALUE})")
  private int connections;

  @Option(
      names = "--seconds",
      defaultValue = "900",
      description = "most time; a scenario that reaches its part of it ends (${DEFAULT-VALUE})")
  private long seconds;

  @Option(
      names = "--redis-timeout",
      defaultValue = "1s",
      description =
          "how long a decision waits for Redis (${DEFAULT-VALUE}); with a shorter one, 25ms for"
              + " example, missed deadlines are refusals that may have been charged, and allowed"
              + " for")
  private String timeout = "1s";

  @Option(
      names = "--allow-missed-deadlines",
      description =
          "accept decisions without Redis; they refuse (503), so nothing is over-admitted")
  private boolean missesAllowed;

  @Option(
      names = "--java-options",
      defaultValue = "-Xmx256m",
      description = "for the gateways, split at spaces (${DEFAULT-VALUE})")
  private String javaOptions = "";

  @Option(names = "--jar", required = true, hidden = true)
  private Path jar = Path.of("");

  private Prove() {}

  /** Runs it and ends the JVM with its exit code. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Prove()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (gateways < 1 || connections < gateways || decisions < SCENARIO_PARTS || seconds < 1) {
      System.err.println(
          "bench/prove: needs a gateway or more, a connection for each, 200 decisions, a second");
      return BAD_INPUT;
    }
    if (!Files.isRegularFile(jar)) {
      System.err.println("bench/prove: no gateway at " + jar + "; build it: mvn package");
      return BAD_INPUT;
    }
    List<Trial> trials = trials();
    System.out.print(ProofTable.of(trials));
    System.out.print(arithmetic());
    return verdict(trials);
  }

  private List<Trial> trials() throws IOException, InterruptedException {
    Scenario warmUp = Scenario.warmUp(Math.min(WARM_UP, decisions / 4));
    List<Scenario> scenarios = Scenario.all(decisions);
    Map<String, String> policies = new HashMap<>(Map.of(warmUp.name(), warmUp.policy()));
    scenarios.forEach(scenario -> policies.put(scenario.name(), scenario.policy()));
    List<Trial> trials = new ArrayList<>();
    try (LocalRedis redis = LocalRedis.start();
        Fleet fleet =
            Fleet.start(
                GatewayProcess.command(javaOptions, jar),
                policies,
                Collections.nCopies(gateways, settings(redis)));
        Buckets buckets = new Buckets(LocalRedis.HOST, redis.port())) {
      Load.run(warmUp, fleet.addresses(), connections, seconds);
      for (Scenario scenario : scenarios) {
        long most = Math.max(1, seconds * scenario.decisions() / decisions);
        Trial trial = Trial.run(scenario, fleet, buckets, connections, most);
        System.err.printf("%s: %s%n", scenario.name(), trial.audit().isExact() ? "exact" : "WRONG");
        trials.add(trial);
      }
    }
    return trials;
  }

  private String settings(LocalRedis redis) {
    return "host = \"%s\", port = %d, timeout = %s, prefix = \"%s\""
        .formatted(LocalRedis.HOST, redis.port(), timeout, Scenario.PREFIX);
  }

  private int verdict(List<Trial> trials) {
    for (Trial trial : trials) {
      for (String problem : trial.audit().problems()) {
        System.err.println(trial.scenario().name() + ": " + problem);
      }
    }
    if (!trials.stream().allMatch(trial -> trial.audit().isExact())) {
      System.out.println("NOT EXACT");
      return WRONG;
    }
    if (!missesAllowed && !trials.stream().allMatch(trial -> trial.gateways().allByRedis())) {
      System.out.println("VOID: a gateway decided without Redis");
      return VOID;
    }
    long decisions = trials.stream().mapToLong(trial -> trial.counts().decisions()).sum();
    long alone = trials.stream().mapToLong(trial -> trial.counts().unavailable()).sum();
    System.out.printf("EXACT; Redis decided %d of %d%n", decisions - alone, decisions);
    return EXACT;
  }

  private static String arithmetic() {
    return """

    Each bucket starts full, so it may admit capacity + floor(refill * (elapsed + %d ms) / period): elapsed from before the
    first request until after the last answer, by Redis' TIME or the monotonic clock, whichever saw more; %d ms is how far
    apart two gateways' readings of Redis' clock may be. "allowed" sums that over the buckets of the level that has least.
    A charge is partial where Redis, read with stock Bucket4j, holds another count of consumed tokens than the 200s under
    that bucket, for every caller, endpoint and all together; buckets of nobody count too. Where answers are neither 200
    nor 429 a bucket may hold up to so many more, and all buckets of a level no more than there were missed deadlines and
    answers other than 503: a 503 for want of room, or while Redis was away, is never charged.
    """
        .formatted(Rate.CLOCKS_APART / 1_000_000, Rate.CLOCKS_APART / 1_000_000);
  }
}
