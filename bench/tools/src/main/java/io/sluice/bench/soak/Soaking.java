package io.sluice.bench.soak;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Drives load in one thread and brings about faults in the one that calls. For one run. */
final class Soaking {

  private static final long WARM_UP_MILLIS = 5_000;
  private static final long SHORTEST_BETWEEN_SAMPLES = 5_000;
  private static final int SAMPLES = 60;

  private final Scene scene;
  private final List<Traffic> traffics;
  private final Schedule schedule;
  private final long millis;
  private final List<Phase> phases = new ArrayList<>();
  private final List<Vitals> vitals;
  private long start;
  private long sampledAt;
  private volatile @Nullable Phase phase;

  Soaking(Scene scene, List<Traffic> traffics, Schedule schedule, long millis) {
    this.scene = scene;
    this.traffics = List.copyOf(traffics);
    this.schedule = schedule;
    this.millis = millis;
    this.vitals = scene.fleet().gateways().stream().map(Vitals::new).toList();
  }

  /**
   * Runs it.
   *
   * @param connections kept connections to each gateway
   */
  Run run(Asks asks, int connections) throws IOException, InterruptedException {
    Totals before = Totals.of(scene.fleet().gateways());
    Pressure pressure = Pressure.sinceNow();
    long wallStart = System.currentTimeMillis();
    start = System.nanoTime();
    Drive drive = new Drive(traffics, scene.fleet().addresses(), asks, () -> phase);
    CompletableFuture<Void> load = started(drive, connections);
    try {
      TimeUnit.MILLISECONDS.sleep(WARM_UP_MILLIS);
      while (!load.isDone() && (elapsedMillis() < millis || !schedule.eachHadItsTurn())) {
        endure(schedule.next());
      }
    } finally {
      drive.stop();
    }
    joined(load);
    long wall = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - wallStart);
    return new Run(
        Math.max(wall, System.nanoTime() - start),
        drive.worstLagMillis(),
        pressure.share(),
        List.copyOf(phases),
        drive.ledgers(),
        drive.latencies(),
        before,
        Totals.of(scene.fleet().gateways()),
        vitals.stream().map(Vitals::growth).toList());
  }

  private void endure(Fault fault) throws IOException, InterruptedException {
    Phase now = new Phase(fault);
    phases.add(now);
    phase = now;
    long began = elapsedMillis();
    try {
      fault.kind().begin(scene, fault);
      TimeUnit.MILLISECONDS.sleep(fault.millis());
    } finally {
      fault.kind().end(scene, fault);
    }
    long ended = System.nanoTime();
    now.ended(Recovery.watch(scene.fleet().gateways(), ended, fault.calmMillis()));
    System.err.printf(
        Locale.ROOT,
        "%6.1f s  %s, %.1f s: back after %.0f ms, longest request %.0f ms%n",
        began / 1e3,
        fault.words(),
        fault.millis() / 1e3,
        now.recovery().backMillis(),
        now.longestMillis());
    sample();
  }

  private void sample() throws IOException, InterruptedException {
    long pause = Math.max(SHORTEST_BETWEEN_SAMPLES, millis / SAMPLES);
    if (elapsedMillis() - sampledAt >= pause) {
      sampledAt = elapsedMillis();
      for (Vitals each : vitals) {
        each.take((double) sampledAt / millis);
      }
    }
  }

  private long elapsedMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  private static CompletableFuture<Void> started(Drive drive, int connections) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                drive.run(connections);
                done.complete(null);
              } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
              }
            },
            "soak-load");
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  private static void joined(CompletableFuture<Void> load) throws IOException {
    try {
      load.join();
    } catch (CompletionException e) {
      throw new IOException("the load broke off", e.getCause());
    }
  }
}
