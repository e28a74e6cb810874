package io.sluice.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name files; shared by the commands that read a configuration. */
final class ConfigFiles {

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "the gateway's settings; config/gateway.conf of this installation by default")
  private @Nullable Path config;

  @Option(
      names = {"-p", "--policies"},
      paramLabel = "FOLDER",
      description = "the policies; what the settings say by default")
  private @Nullable Path policies;

  Path config(Map<String, String> environment) {
    return config == null
        ? Path.of(environment.getOrDefault("SLUICE_HOME", ".")).resolve("config/gateway.conf")
        : config;
  }

  @Nullable Path policies() {
    return policies;
  }
}
