package io.sluice.cli;

import io.sluice.config.ConfigProblemsException;
import io.sluice.config.Problem;
import io.sluice.engine.RedisRequiredException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The command line. Exit codes: 0 fine, 1 failed, 2 bad input. What is wrong is said in a sentence,
 * never as a stack trace.
 */
@Command(
    name = "sluice",
    description = "A rate-limiting gateway: exact limits in Redis, calm without it.",
    synopsisSubcommandLabel = "(serve | demo | check | doctor)",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "demo starts everything on this machine, a sample API and a Redis included.",
      "Environment variables that beat the file are listed in README.md."
    })
public final class Main implements Runnable {

  static final int FAILED = 1;
  static final int BAD_INPUT = 2;

  @Spec private CommandSpec spec;

  private Main(CommandSpec spec) {
    this.spec = spec;
  }

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(commandLine(System.getenv()).execute(arguments));
  }

  /**
   * Returns the whole command line, ready to execute.
   *
   * @param environment variables that beat the configuration file
   */
  public static CommandLine commandLine(Map<String, String> environment) {
    CommandLine line = new CommandLine(new Main(CommandSpec.create()));
    line.addSubcommand(new ServeCommand(environment));
    line.addSubcommand(new CheckCommand(environment));
    line.addSubcommand(new DoctorCommand(environment));
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> explain(failure, command.getErr()));
    return line;
  }

  /** Without a command there is nothing to do but to say what there is. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "expected a command: serve, demo, check or doctor");
  }

  /** Says what failed; returns the exit code. */
  public static int explain(Exception failure, PrintWriter err) {
    if (failure instanceof ConfigProblemsException problems) {
      problems.problems().forEach(err::println);
      long errors = problems.problems().stream().filter(Problem::isError).count();
      err.printf("sluice: %d %s; nothing was started%n", errors, errors == 1 ? "error" : "errors");
      return BAD_INPUT;
    }
    if (failure instanceof IOException
        || failure instanceof IllegalArgumentException
        || failure instanceof RedisRequiredException) {
      err.println("sluice: " + failure.getMessage());
      return FAILED;
    }
    err.println("sluice: " + failure);
    return FAILED;
  }
}
