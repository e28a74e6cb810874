package io.sluice.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an operator wants to know of the store.
 *
 * @param mode where limits are counted now
 * @param target where Redis is, without secrets; null when it is not used
 * @param connected whether there is a connection; with one and mode {@code LOCAL}, Redis hangs, is
 *     too slow, or refuses
 * @param since how long the mode has lasted
 * @param lastProblem what was last wrong with Redis, also when it is right again; null when nothing
 *     was
 * @param missedDeadlines requests that waited for Redis in vain
 * @param localDecisions requests decided without Redis
 * @param gateways among how many gateways limits are divided while Redis is away, as last known
 * @param total tokens without Redis since the process began
 * @param lastOutage the same of the last outage, or of the one that is
 * @param settling whether Redis is back and may still be owed what was spent without it
 */
public record StoreStatus(
    Mode mode,
    @Nullable String target,
    boolean connected,
    Duration since,
    @Nullable String lastProblem,
    long missedDeadlines,
    long localDecisions,
    int gateways,
    OutageTokens total,
    OutageTokens lastOutage,
    boolean settling) {

  /** Where limits are counted. */
  public enum Mode {
    /** In Redis, shared by all gateways. */
    REDIS,
    /** In Redis, but for the buckets of those nodes of a cluster that are away. */
    PARTLY,
    /** In this process, because Redis is away. */
    LOCAL,
    /** In this process, because Redis is not wanted. */
    DISABLED
  }

  /** Returns the status of a gateway that counts in its own process by choice. */
  public static StoreStatus disabled() {
    return new StoreStatus(
        Mode.DISABLED,
        null,
        false,
        Duration.ZERO,
        null,
        0,
        0,
        1,
        OutageTokens.NONE,
        OutageTokens.NONE,
        false);
  }

  /** Returns whether a breaker is open: Redis is not asked, though it should be. */
  public boolean breakerOpen() {
    return mode == Mode.LOCAL || mode == Mode.PARTLY;
  }
}
