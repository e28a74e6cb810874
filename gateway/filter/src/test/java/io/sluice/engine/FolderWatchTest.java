package io.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderWatchTest {

  @TempDir Path folder;

  private final LinkedBlockingQueue<Boolean> called = new LinkedBlockingQueue<>();

  @Test
  void callsSoonAfterAFileIsReplacedByRename() throws Exception {
    Path policy = Files.writeString(folder.resolve("chat.conf"), "old");
    try (FolderWatch watch = watch(Duration.ofMinutes(10))) {
      assertThat(watch).isNotNull();
      // The watch registers on its own thread, so the first rename may come too early for it.
      Boolean heard = null;
      for (int i = 0; i < 50 && heard == null; i++) {
        Path draft = Files.writeString(folder.resolve(".draft"), "new" + i);
        Files.move(draft, policy, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        heard = called.poll(1, TimeUnit.SECONDS);
      }
      assertThat(heard).isTrue();
    }
  }

  @Test
  void callsAtTheIntervalThoughNothingWasHeard() throws Exception {
    try (FolderWatch watch = watch(Duration.ofMillis(10))) {
      assertThat(watch).isNotNull();
      assertThat(called.poll(30, TimeUnit.SECONDS)).isTrue();
      assertThat(called.poll(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void survivesAFolderThatGoesAway() throws Exception {
    Path gone = Files.createDirectory(folder.resolve("gone"));
    try (FolderWatch watch =
        new FolderWatch(gone, Duration.ofMillis(10), () -> called.add(Boolean.TRUE))) {
      assertThat(watch).isNotNull();
      assertThat(called.poll(30, TimeUnit.SECONDS)).isTrue();
      Files.delete(gone);
      called.clear();
      assertThat(called.poll(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private FolderWatch watch(Duration interval) throws IOException {
    return new FolderWatch(folder, interval, () -> called.add(Boolean.TRUE));
  }
}
