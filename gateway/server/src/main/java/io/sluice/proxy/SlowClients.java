package io.sluice.proxy;

import io.sluice.upstream.Budget;
import io.sluice.upstream.PatientUpstream;
import io.sluice.upstream.UploadSettings;
import io.sluice.upstream.Upstream;
import io.sluice.upstream.Watch;
import java.time.Duration;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * All that forwarding does about slow clients, shared by all its upstreams. Thread-safe between
 * start and stop.
 */
public final class SlowClients {

  private static final Duration EVERY = Duration.ofMillis(250);

  private final PatienceSettings settings;
  private final Budget requests;
  private final Budget answers;
  private final Watch watch;
  private final SlowReaders readers;
  private final CutObserver observer;

  /** Creates it; the scheduler must be running from start to stop. */
  public SlowClients(PatienceSettings settings, Scheduler scheduler, CutObserver observer) {
    this.settings = settings;
    this.requests = new Budget(settings.memory() / 2);
    this.answers = new Budget(settings.memory() / 2);
    this.watch = new Watch(scheduler, EVERY);
    this.readers = new SlowReaders(settings.pace(), settings.ahead(), answers);
    this.observer = observer;
  }

  /**
   * Returns the same upstream, held by no request whose content does not come.
   *
   * @param connections how many there may be to it
   * @param queued how many requests may wait for one
   */
  public Upstream before(Upstream upstream, int connections, int queued) {
    return new PatientUpstream(
        upstream,
        new UploadSettings(
            settings.ahead(),
            settings.patience(),
            settings.pace(),
            Math.max(1, connections / 2),
            queued),
        requests,
        watch);
  }

  /** Returns how many octets are gathered at the moment, of requests and answers. */
  public long gathered() {
    return requests.taken() + answers.taken();
  }

  /** Returns how many answers have been made to wait by their clients and are not over. */
  public int stalledAnswers() {
    return readers.size();
  }

  /** Returns how many answers have been made to wait since the start. */
  public long everStalled() {
    return readers.ever();
  }

  void start() {
    watch.add(readers);
    watch.start();
  }

  void stop() {
    watch.stop();
  }

  SlowReaders readers() {
    return readers;
  }

  void cut(ClientCut cut) {
    observer.cut(cut);
  }
}
