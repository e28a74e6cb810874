package io.sluice.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that name settings and policies; shared by the commands that read both. */
final class ConfigFiles {

  @Mixin private final ConfigFile settings = new ConfigFile();

  @Option(
      names = {"-p", "--policies"},
      paramLabel = "FOLDER",
      description = "the policies; what the settings say by default")
  private @Nullable Path policies;

  Path config(Map<String, String> environment) {
    return settings.path(environment);
  }

  @Nullable Path policies() {
    return policies;
  }
}
