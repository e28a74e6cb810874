package io.sluice.bench;

import java.io.IOException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the benchmarks; prints progress on standard error, results as Markdown on the other. */
public final class Benchmarks {

  private Benchmarks() {}

  /**
   * Runs them.
   *
   * @param args JMH's own options; {@code -h} lists them
   */
  public static void main(String[] args)
      throws RunnerException, CommandLineOptionException, IOException {
    CommandLineOptions options = new CommandLineOptions(args);
    if (options.shouldHelp()) {
      options.showHelp();
    } else {
      VerboseMode words = options.verbosity().orElse(VerboseMode.NORMAL);
      OutputFormat progress = OutputFormatFactory.createFormatInstance(System.err, words);
      System.out.print(ResultTable.of(new Runner(options, progress).run()));
    }
  }
}
