package io.sluice.cli;

import io.sluice.config.Problem;
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
    Inspection inspection = Inspection.of(files, environment);
    if (!inspection.hasErrors()) {
      inspection.book().ifPresent(book -> out.println(count(book.policies().size(), "policy")));
    }
    return report(inspection.problems(), out);
  }

  private int report(List<Problem> problems, PrintWriter out) {
    problems.forEach(out::println);
    int errors = (int) problems.stream().filter(Problem::isError).count();
    int warnings = problems.size() - errors;
    out.println(count(errors, "error") + ", " + count(warnings, "warning"));
    return errors > 0 || (strict && warnings > 0) ? Main.BAD_INPUT : 0;
  }

  private static String count(int number, String one) {
    String many = one.endsWith("y") ? one.substring(0, one.length() - 1) + "ies" : one + "s";
    return number + " " + (number == 1 ? one : many);
  }
}
