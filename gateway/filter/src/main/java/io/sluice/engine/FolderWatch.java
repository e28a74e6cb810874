package io.sluice.engine;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls back when a folder may have changed: soon after the file system says so, and at a regular
 * interval in any case, because network mounts, containers and symbolic links that are switched
 * often say nothing. Whether anything did change is for the callback to find out.
 *
 * <p>One daemon thread, ended by {@link #close}.
 */
final class FolderWatch implements AutoCloseable {

  /** Editors write in several steps; this many milliseconds of quiet end a change. */
  private static final long QUIET_MILLIS = 100;

  private static final long LONGEST_END_MILLIS = 2_000;

  private static final Logger LOG = LoggerFactory.getLogger(FolderWatch.class);

  private final Path folder;
  private final Duration interval;
  private final Runnable suspected;
  private final WatchService events;
  private final Thread thread;

  /**
   * Starts watching.
   *
   * @param interval how often to call back although nothing was heard
   * @param suspected called on the watching thread, one call at a time
   * @throws IOException when the platform has no watch service
   */
  FolderWatch(Path folder, Duration interval, Runnable suspected) throws IOException {
    this.folder = folder;
    this.interval = interval;
    this.suspected = suspected;
    this.events = folder.getFileSystem().newWatchService();
    this.thread = new Thread(this::watch, "sluice-policies");
    thread.setDaemon(true);
    thread.start();
  }

  /** Ends the watch, and waits a moment for a callback that is under way. */
  @Override
  public void close() {
    try {
      events.close();
    } catch (IOException e) {
      LOG.warn("the watch on {} did not close: {}", folder, e.toString());
    }
    thread.interrupt();
    try {
      thread.join(LONGEST_END_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void watch() {
    try {
      while (!thread.isInterrupted()) {
        register();
        settle(events.poll(interval.toMillis(), TimeUnit.MILLISECONDS));
        suspected.run();
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      LOG.debug("no longer watching {}", folder);
    }
  }

  /** Takes events until none has come for a while. */
  private void settle(@Nullable WatchKey first) throws InterruptedException {
    for (WatchKey key = first;
        key != null;
        key = events.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS)) {
      key.pollEvents();
      key.reset();
    }
  }

  /** Registering a folder again is free, and folders come, go and are replaced. */
  private void register() {
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> folders = tree.filter(Files::isDirectory).toList();
      for (Path each : folders) {
        each.register(events, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("cannot watch {}, polling only: {}", folder, e.toString());
    }
  }
}
