package io.sluice.config;

import com.typesafe.config.ConfigObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * A gateway's settings: its file over the reference, and the environment over both. Several readers
 * share it: the engine reads its blocks, the server its own; then {@link Problems#orThrow} of
 * {@link #problems} says everything that any of them found. For one thread at a time.
 */
public final class GatewayFile {

  private final ConfigObject own;
  private final Reading reading;
  private final Section root;
  private final Supplier<GatewayFile> again;

  private GatewayFile(
      String name,
      Path folder,
      String text,
      Map<String, String> environment,
      Problems problems,
      Supplier<GatewayFile> again) {
    this.again = again;
    ConfigObject file = Hocon.settings(name, text, environment, problems);
    Reference.GATEWAY.check(file, problems);
    this.own = new EnvironmentVariables(environment, problems).over(file);
    this.reading = new Reading(name, folder, problems);
    this.root = reading.root(own, Reference.GATEWAY.values());
  }

  /**
   * Loads a file. One that does not exist or cannot be read is a problem, and then the rest comes
   * from the environment and the reference.
   *
   * @param environment the variables of the process, {@code System.getenv()} but in tests
   */
  public static GatewayFile load(Path file, Map<String, String> environment) {
    Problems problems = new Problems();
    String text = TextFile.read(file, problems);
    Path folder = file.getParent();
    return new GatewayFile(
        file.toString(),
        folder == null ? Path.of("") : folder,
        text == null ? "" : text,
        environment,
        problems,
        () -> load(file, environment));
  }

  /**
   * Reads settings that stand in no file, for example in a test or in another server's own
   * configuration.
   *
   * @param name how messages call the text
   * @param folder what relative paths in it start from
   */
  public static GatewayFile of(
      String name, Path folder, String text, Map<String, String> environment) {
    return new GatewayFile(
        name, folder, text, environment, new Problems(), () -> of(name, folder, text, environment));
  }

  /** Loads what stands there now, under the same environment. */
  public GatewayFile again() {
    return again.get();
  }

  /** Returns the block that holds everything. */
  public Section root() {
    return root;
  }

  /** Returns what was found so far, by this and by everybody who read sections. */
  public Problems problems() {
    return reading.problems();
  }

  /** Returns every setting in force and where it comes from, without secrets. */
  public List<Setting> settings() {
    return Settings.of(own, Reference.GATEWAY);
  }

  /** Returns the keys of the reference that nobody has read; for tests of readers. */
  public Set<String> unread() {
    Set<String> unread = new TreeSet<>(Reference.GATEWAY.keys());
    unread.removeAll(reading.keysRead());
    return unread;
  }
}
