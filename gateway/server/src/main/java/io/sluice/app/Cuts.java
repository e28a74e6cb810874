package io.sluice.app;

import io.sluice.proxy.ClientCut;
import io.sluice.proxy.CutObserver;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of clients that were cut, at most once a second for each reason. Thread-safe. */
final class Cuts implements CutObserver {

  private static final Logger LOG = LoggerFactory.getLogger(Cuts.class);
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final CutObserver counting;
  private final Map<ClientCut, Told> told = new EnumMap<>(ClientCut.class);

  /** Creates one that passes each cut on, to be counted. */
  Cuts(CutObserver counting) {
    this.counting = counting;
    long longAgo = System.nanoTime() - PAUSE;
    for (ClientCut cut : ClientCut.values()) {
      told.put(cut, new Told(longAgo));
    }
  }

  @Override
  public void cut(ClientCut cut) {
    counting.cut(cut);
    Told lines = told.get(cut);
    if (lines != null) {
      lines.tell(cut, System.nanoTime());
    }
  }

  /** When a reason was last told, and how often it has come up since. */
  private static final class Told {

    private final AtomicLong last;
    private final AtomicLong untold = new AtomicLong();

    Told(long last) {
      this.last = new AtomicLong(last);
    }

    void tell(ClientCut cut, long now) {
      untold.incrementAndGet();
      long before = last.get();
      if (now - before >= PAUSE && last.compareAndSet(before, now)) {
        LOG.warn(
            "clients were cut: {} ({} times since this was last said)",
            cut.name().toLowerCase(Locale.ROOT),
            untold.getAndSet(0));
      }
    }
  }
}
