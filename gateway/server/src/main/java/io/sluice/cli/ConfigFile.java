package io.sluice.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names the settings. */
final class ConfigFile {

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "the gateway's settings; config/gateway.conf of this installation by default")
  private @Nullable Path given;

  Path path(Map<String, String> environment) {
    return given == null
        ? Path.of(environment.getOrDefault("SLUICE_HOME", ".")).resolve("config/gateway.conf")
        : given;
  }
}
