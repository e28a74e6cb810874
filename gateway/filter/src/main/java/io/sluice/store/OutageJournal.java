package io.sluice.store;

import io.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line when an outage begins, a short one when it begins again within seconds, and one
 * when it ends, and tells the listener. One more line comes for a Redis that is there again and
 * refuses (a wrong password, no memory), because that needs somebody. Has the recovery begin.
 * Called under the breaker's lock.
 *
 * <p>At start the store is not known to work; that is no outage until an attempt has failed.
 */
final class OutageJournal implements Breaker.Watcher {

  private static final Logger LOG = LoggerFactory.getLogger(OutageStore.class);
  private static final int MOST_CAUSES = 8;

  /** An outage that begins so soon after another needs no second explanation. */
  private static final long SOON = TimeUnit.SECONDS.toNanos(5);

  private final String target;
  private final OutageListener listener;
  private final LongSupplier localDecisions;
  private final Recovery recovery;
  private final Set<String> causes = new HashSet<>();
  private long began;
  private long ended;
  private boolean explained;
  private long decisionsBefore;

  OutageJournal(
      String target,
      OutageListener listener,
      LongSupplier localDecisions,
      Recovery recovery,
      long now) {
    this.target = target;
    this.listener = listener;
    this.localDecisions = localDecisions;
    this.recovery = recovery;
    this.began = now;
  }

  @Override
  public void opened(Throwable cause, long now) {
    began = now;
    explained &= now - ended < SOON;
    recovery.tally().begin();
    decisionsBefore = localDecisions.getAsLong();
    announce(String.valueOf(cause.getMessage()));
  }

  @Override
  public void stillOpen(Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    if (causes.isEmpty()) {
      announce(text);
    } else if (isRefusal(cause) && causes.size() < MOST_CAUSES && causes.add(text)) {
      LOG.error("Redis is there but refuses: {}", text);
    }
  }

  @Override
  public void closed(long now) {
    recovery.begin();
    if (causes.isEmpty()) {
      LOG.info("limits are counted in {}", target);
      return;
    }
    causes.clear();
    ended = now;
    Duration lasted = Duration.ofNanos(now - began);
    long decided = localDecisions.getAsLong() - decisionsBefore;
    OutageTokens tokens = recovery.tally().last();
    LOG.info(
        "Redis is back after {} s; {} requests were decided without it: {} tokens granted by the"
            + " local share, {} let through uncounted; limits are shared again",
        String.format(Locale.ROOT, "%.1f", lasted.toNanos() / 1e9),
        decided,
        tokens.counted(),
        tokens.allowed());
    listener.recovery(lasted, decided);
  }

  private static boolean isRefusal(Throwable cause) {
    return cause instanceof RedisUnavailableException problem && problem.isRefusal();
  }

  private void announce(String cause) {
    causes.add(cause);
    String what = cause.contains(target) ? cause : target + ": " + cause;
    if (explained) {
      LOG.error("Redis is away again: {}", what);
    } else {
      explained = true;
      LOG.error(
          "Redis is away: {}. Until it answers, this gateway counts {} of each limit by itself, or"
              + " does as each policy's on-outage says",
          what,
          recovery.gateways() == 1 ? "all" : "1/" + recovery.gateways());
    }
    listener.outage(cause);
  }
}
