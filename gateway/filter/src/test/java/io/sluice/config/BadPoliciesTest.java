package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.request.PathRules;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Compares what a person reads about a folder of bad policies with a golden file. */
final class BadPoliciesTest {

  private static final ReadingContext NOBODY_KNOWN =
      new ReadingContext(PathRules.DEFAULT, false, false, false);

  @Test
  void everythingWrongInAFolderIsReportedAtOnce() throws IOException, URISyntaxException {
    Path folder = resource("bad-policies");
    BookReading reading = PolicyReader.book(PolicyFolder.snapshot(folder), NOBODY_KNOWN);
    String report =
        reading.problems().stream()
            .map(problem -> problem.toString().replace(folder + "/", ""))
            .collect(Collectors.joining("\n", "", "\n"));
    assertThat(report).isEqualTo(Files.readString(resource("bad-policies.txt")));
    assertThat(reading.book()).isEmpty();
  }

  private static Path resource(String name) throws URISyntaxException {
    URL url = Objects.requireNonNull(BadPoliciesTest.class.getResource(name), name);
    return Path.of(url.toURI());
  }
}
