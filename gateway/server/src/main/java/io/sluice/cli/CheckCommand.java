package io.sluice.cli;

import io.sluice.app.GatewayConfig;
import io.sluice.config.BookReading;
import io.sluice.config.ConfigProblemsException;
import io.sluice.config.PolicyFolder;
import io.sluice.config.PolicyReader;
import io.sluice.config.Problem;
import io.sluice.config.ReadingContext;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says everything that is wrong with the configuration and the policies, and starts nothing. */
@Command(
    name = "check",
    description = "Check settings and policies; print every problem with file and line.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:nothing wrong, or warnings only", "2:errors, or warnings with --strict"})
final class CheckCommand implements Callable<Integer> {

  private final Map<String, String> environment;

  @Mixin private final ConfigFiles files = new ConfigFiles();

  @Option(names = "--strict", description = "count warnings as errors")
  private boolean strict;

  @Spec private CommandSpec spec;

  CheckCommand(Map<String, String> environment) {
    this.environment = environment;
    this.spec = CommandSpec.create();
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    BookReading reading;
    try {
      GatewayConfig config = ServeCommand.config(files, environment);
      reading =
          PolicyReader.book(
              PolicyFolder.snapshot(config.engine().policies()),
              ReadingContext.of(config.engine()));
    } catch (ConfigProblemsException e) {
      return report(e.problems(), out);
    }
    reading.book().ifPresent(book -> out.printf("%d policies%n", book.policies().size()));
    return report(reading.problems(), out);
  }

  private int report(List<Problem> problems, PrintWriter out) {
    problems.forEach(out::println);
    long errors = problems.stream().filter(Problem::isError).count();
    long warnings = problems.size() - errors;
    out.printf(
        "%d %s, %d %s%n",
        errors, errors == 1 ? "error" : "errors", warnings, warnings == 1 ? "warning" : "warnings");
    return errors > 0 || (strict && warnings > 0) ? Main.BAD_INPUT : 0;
  }
}
