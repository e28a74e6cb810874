package io.sluice.bench.soak;

import io.sluice.bench.fleet.GatewayProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Soaks gateways in faults and prints tables. */
@Command(
    name = "bench/soak",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Starts a Redis, an upstream and two gateways, sends mixed load, lets Redis fail in one way"
            + " after the other, and checks answers, limits, memory, recovery and logs.",
    exitCodeOnExecutionException = 3,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:every check was passed",
      "1:a check failed",
      "2:bad options",
      "3:void: it could not be run to its end, or only a check of time failed on a busy machine"
    })
public final class Soak implements Callable<Integer> {

  private static final int GOOD = 0;
  private static final int FAILED = 1;
  private static final int BAD_INPUT = 2;
  private static final int VOID = 3;
  private static final int GATEWAYS = 2;
  private static final long SHORTEST_SECONDS = 20;
  private static final int MOST_RATE = 20_000;

  @Option(
      names = "--minutes",
      defaultValue = "20",
      description = "how long it lasts (${DEFAULT-VALUE})")
  private long minutes;

  @Option(names = "--seconds", description = "the same in seconds, instead; 20 or more")
  private @Nullable Long seconds;

  @Option(
      names = "--seed",
      description = "repeats the requests and the faults of a run; printed by each")
  private @Nullable Long seed;

  @Option(
      names = "--rate",
      defaultValue = "500",
      description = "requests a second, both gateways together (${DEFAULT-VALUE})")
  private int rate;

  @Option(
      names = "--connections",
      defaultValue = "64",
      description = "kept connections to each gateway (${DEFAULT-VALUE})")
  private int connections;

  @Option(
      names = "--faults",
      split = ",",
      description = "only these, separated by commas: ${COMPLETION-CANDIDATES}")
  private List<FaultKind> faults = List.of(FaultKind.values());

  @Option(
      names = "--redis-timeout",
      defaultValue = "25ms",
      description = "how long a decision waits for Redis (${DEFAULT-VALUE})")
  private String timeout = "25ms";

  @Option(
      names = "--java-options",
      defaultValue = "-Xmx256m",
      description = "for the gateways, split at spaces (${DEFAULT-VALUE})")
  private String javaOptions = "";

  @Option(names = "--logs", description = "a folder that gets what the gateways logged")
  private @Nullable Path logs;

  @Option(names = "--jar", required = true, hidden = true)
  private Path jar = Path.of("");

  private Soak() {}

  /** Runs it and ends the JVM with its exit code. */
  public static void main(String[] args) {
    CommandLine command = new CommandLine(new Soak()).setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(command.execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    long millis =
        seconds == null ? TimeUnit.MINUTES.toMillis(minutes) : TimeUnit.SECONDS.toMillis(seconds);
    String problem = problem(millis);
    if (problem != null) {
      System.err.println("bench/soak: " + problem);
      return BAD_INPUT;
    }
    long seed = this.seed == null ? new Random().nextInt(1_000_000) : this.seed;
    System.out.printf(
        "seed %d, %d s, %d requests a second, %d gateways, redis.timeout %s%n%n",
        seed, millis / 1_000, rate, GATEWAYS, timeout);
    Run run = run(millis, seed);
    SoakChecks.Verdict verdict = SoakChecks.of(run);
    System.out.print(SoakTables.of(run));
    System.out.print(verdict.lines());
    if (verdict.exact() && verdict.timely()) {
      System.out.println("GOOD");
      return GOOD;
    }
    boolean excused = verdict.exact() && verdict.busy();
    System.out.println(excused ? "VOID: the machine was too busy for checks of time" : "FAILED");
    return excused ? VOID : FAILED;
  }

  private @Nullable String problem(long millis) {
    if (millis < TimeUnit.SECONDS.toMillis(SHORTEST_SECONDS)) {
      return "needs " + SHORTEST_SECONDS + " s or more";
    }
    if (rate < 1 || rate > MOST_RATE || connections < 1) {
      return "needs a rate from 1 to " + MOST_RATE + ", and a connection or more";
    }
    if (!Vitals.canBeTaken()) {
      return "needs a JDK, whose jcmd measures live memory; set JAVA_HOME to one";
    }
    return Files.isRegularFile(jar) ? null : "no gateway at " + jar + "; build it: mvn package";
  }

  private Run run(long millis, long seed) throws IOException, InterruptedException {
    List<Traffic> traffics = Traffic.all();
    List<String> command = GatewayProcess.command(javaOptions, jar);
    try (Scene scene = Scene.start(command, GATEWAYS, timeout, traffics)) {
      Schedule schedule = new Schedule(faults, GATEWAYS, millis, seed);
      Asks asks = new Asks(traffics, GATEWAYS, rate, seed);
      try {
        return new Soaking(scene, traffics, schedule, millis).run(asks, connections);
      } finally {
        keepLogs(scene.fleet().gateways());
      }
    }
  }

  private void keepLogs(List<GatewayProcess> gateways) throws IOException {
    Path folder = logs;
    if (folder == null) {
      return;
    }
    Files.createDirectories(folder);
    for (int i = 0; i < gateways.size(); i++) {
      Path kept = folder.resolve("gateway-" + (i + 1) + ".log");
      Files.copy(gateways.get(i).log(), kept, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
