package io.sluice.cli;

import io.sluice.app.GatewayConfig;
import io.sluice.config.BookReading;
import io.sluice.config.ConfigProblemsException;
import io.sluice.config.GatewayFile;
import io.sluice.config.PolicyFolder;
import io.sluice.config.PolicyReader;
import io.sluice.config.Problem;
import io.sluice.config.Problems;
import io.sluice.config.ReadingContext;
import io.sluice.policy.PolicyBook;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the files that a command names hold, and everything that is wrong with settings and policies
 * together.
 *
 * @param config the settings; they count only where there is no error
 * @param book the policies, where they can be read
 * @param problems errors and warnings, by file and line
 */
record Inspection(GatewayConfig config, Optional<PolicyBook> book, List<Problem> problems) {

  /** Reads everything and starts nothing. */
  static Inspection of(ConfigFiles files, Map<String, String> environment) {
    Path file = files.config(environment);
    GatewayFile source = GatewayFile.load(file, environment);
    Problems problems = source.problems();
    GatewayConfig config = GatewayConfig.read(source);
    Path given = files.policies();
    if (given != null) {
      config = config.withPolicies(given);
    }
    Optional<PolicyBook> book = Optional.empty();
    // Where the file itself is missing, what it says of policies is missing too.
    if (given != null || Files.isReadable(file)) {
      BookReading reading =
          PolicyReader.book(
              PolicyFolder.snapshot(config.engine().policies()),
              ReadingContext.of(config.engine()));
      problems.addAll(reading.problems());
      book = reading.book();
    }
    return new Inspection(config, book, problems.all());
  }

  boolean hasErrors() {
    return problems.stream().anyMatch(Problem::isError);
  }

  /**
   * Returns the settings.
   *
   * @throws ConfigProblemsException with all problems, when one is an error
   */
  GatewayConfig orThrow() {
    if (hasErrors()) {
      throw new ConfigProblemsException(problems);
    }
    return config;
  }
}
