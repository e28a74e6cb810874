package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** A folder with sound settings and one sound policy, and the ports they speak of. */
final class Site {

  final int port = FreePort.choose();
  final int adminPort = FreePort.choose();
  final Path folder;

  private final Set<Thread> before = ownThreads();

  Site(Path folder) {
    this.folder = folder;
    write(
        "config/gateway.conf",
        """
        server { port = %d, host = 127.0.0.1 }
        admin { port = %d }
        redis { enabled = false }
        identity { trusted-proxies = ["127.0.0.0/8"] }
        policies { poll = 1hour }
        """
            .formatted(port, adminPort));
    write(
        "policies/chat.conf",
        "match = \"/api/chat/**\"\nlimits = [ { key = user, rate = 3/hour } ]");
  }

  /** Writes a file whole. */
  Site write(String name, String text) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds lines to the settings; later lines win. */
  Site settings(String lines) {
    try {
      return write("config/gateway.conf", Files.readString(config()) + lines + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path config() {
    return folder.resolve("config/gateway.conf");
  }

  /** Checks that nothing listens and nothing runs any more of what a failed start began. */
  void assertNothingRuns() {
    for (int each : new int[] {port, adminPort}) {
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), each).close())
          .isInstanceOf(ConnectException.class);
    }
    assertNoThreads();
  }

  /** Threads end a moment after they were told to. */
  private void assertNoThreads() {
    Eventually.becomes(
        () -> "nothing is left running of " + ownThreads(), () -> before.containsAll(ownThreads()));
  }

  private static Set<Thread> ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("sluice"))
        .collect(Collectors.toSet());
  }
}
