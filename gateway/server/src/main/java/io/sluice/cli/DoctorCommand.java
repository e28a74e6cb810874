package io.sluice.cli;

import io.sluice.config.ConfigProblemsException;
import io.sluice.config.Durations;
import io.sluice.config.EngineConfig;
import io.sluice.config.GatewayFile;
import io.sluice.config.Problem;
import io.sluice.doctor.Doctor;
import io.sluice.doctor.Report;
import io.sluice.doctor.ReportJson;
import io.sluice.doctor.ReportText;
import io.sluice.doctor.Severity;
import io.sluice.redis.RedisSettings;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Examines the Redis of a configuration. */
@Command(
    name = "doctor",
    description = {
      "Connect to Redis as a gateway would, and say what is wrong with it for limits.",
      "Changes nothing but probe keys under the prefix, which expire within ten seconds."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:nothing wrong, or notes only; also where redis.enabled is false",
      "1:warnings: limits hold now, and will not for ever",
      "2:errors: limits do not hold, Redis cannot be reached, or bad input"
    })
final class DoctorCommand implements Callable<Integer> {

  private static final String URL_VARIABLE = "SLUICE_DOCTOR_ADMIN_URL";
  private static final String INNER_VARIABLE = "REDIS_URL";

  private final Map<String, String> environment;

  @Mixin private final ConfigFile file = new ConfigFile();

  @Option(names = "--json", description = "print JSON for scripts")
  private boolean json;

  @Option(
      names = "--admin-url",
      paramLabel = "URL",
      description = {
        "the same Redis by a login that may run INFO, CONFIG GET, SCAN, SLOWLOG and ACL DRYRUN;",
        URL_VARIABLE + " does the same and shows in no list of processes"
      })
  private @Nullable String adminUrl;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "10s",
      converter = Patience.class,
      description = "longest wait for each answer (default: ${DEFAULT-VALUE})")
  private Duration timeout = Duration.ofSeconds(10);

  @Spec private CommandSpec spec;

  DoctorCommand(Map<String, String> environment) {
    this.environment = environment;
    this.spec = CommandSpec.create();
  }

  @Override
  public Integer call() {
    RedisSettings gateway = redis(GatewayFile.load(file.path(environment), environment));
    String url = adminUrl == null ? environment.get(URL_VARIABLE) : adminUrl;
    RedisSettings observer = url == null || url.isEmpty() ? null : observer(url);
    Report report =
        Doctor.of(DoctorCommand::wallNanos, System::nanoTime).examine(gateway, observer, timeout);
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? ReportJson.of(report) : ReportText.of(report));
    out.flush();
    return exitCode(report.worst());
  }

  private static int exitCode(Severity worst) {
    return switch (worst) {
      case OK, NOTE -> 0;
      case WARNING -> Main.FAILED;
      case ERROR -> Main.BAD_INPUT;
    };
  }

  private static RedisSettings redis(GatewayFile source) {
    EngineConfig engine = EngineConfig.read(source.root());
    source.problems().orThrow();
    return engine.redis();
  }

  /** What the gateways are told of Redis by their environment does not apply to another login. */
  private RedisSettings observer(String url) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.keySet().removeIf(name -> name.startsWith("REDIS_"));
    variables.put(INNER_VARIABLE, url);
    try {
      return redis(GatewayFile.load(file.path(environment), variables));
    } catch (ConfigProblemsException e) {
      throw new ConfigProblemsException(e.problems().stream().map(this::asGiven).toList());
    }
  }

  /** Names the option instead of the variable by which its value got into the settings. */
  private Problem asGiven(Problem problem) {
    return problem.file().endsWith(" " + INNER_VARIABLE)
        ? new Problem(
            adminUrl == null ? URL_VARIABLE : "--admin-url",
            problem.line(),
            problem.severity(),
            problem.message())
        : problem;
  }

  private static long wallNanos() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  /** Reads a duration as settings spell it. */
  private static final class Patience implements ITypeConverter<Duration> {

    private static final Duration LEAST = Duration.ofMillis(100);
    private static final Duration MOST = Duration.ofMinutes(10);

    @Override
    public Duration convert(String text) {
      return Durations.parse(text)
          .filter(time -> time.compareTo(LEAST) >= 0 && time.compareTo(MOST) <= 0)
          .orElseThrow(() ->
              new TypeConversionException("expected " + Durations.expected(text, LEAST, MOST)));
    }
  }
}
