package io.sluice.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Reads the files of {@code docker/} and what they have to agree with. */
final class DockerFiles {

  private DockerFiles() {}

  /** Returns the root of the repository, above the folder that the test runs in. */
  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("docker/compose.yaml"))) {
      folder = Objects.requireNonNull(folder.getParent(), "no docker/compose.yaml above the test");
    }
    return folder;
  }

  static String text(String file) {
    try {
      return Files.readString(root().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the lines of a Dockerfile that begin with the instruction, without it. */
  static List<String> instructions(String instruction) {
    return text("docker/Dockerfile")
        .lines()
        .filter(line -> line.startsWith(instruction + " "))
        .map(line -> line.substring(instruction.length() + 1).strip())
        .toList();
  }

  /** Returns the last instruction of its kind, which is the gateway image's. */
  static String last(String instruction) {
    List<String> all = instructions(instruction);
    return all.get(all.size() - 1);
  }

  /** Returns a JSON array of strings, as the exec form has it. */
  static List<String> words(String execForm) {
    return list(yaml(execForm));
  }

  static Map<String, Object> service(String name) {
    Map<String, Object> services = map(map(yaml(text("docker/compose.yaml"))).get("services"));
    return map(services.get(name));
  }

  /** Returns the manual of all settings, which also names the environment variables. */
  static String reference() throws IOException {
    try (InputStream in =
        DockerFiles.class.getResourceAsStream("/io/sluice/config/reference.conf")) {
      return new String(
          Objects.requireNonNull(in, "no reference.conf").readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @SuppressWarnings("unchecked") // a YAML mapping has text for keys here
  static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  static List<String> list(Object value) {
    return ((List<?>) value).stream().map(String::valueOf).toList();
  }

  private static Object yaml(String text) {
    return new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
  }
}
