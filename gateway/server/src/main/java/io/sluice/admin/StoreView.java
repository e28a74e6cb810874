package io.sluice.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What operators may know of the store.
 *
 * @param answering who answers decisions: {@code redis} or {@code local}
 * @param redis the Redis configured, without credentials; null when it is disabled by choice
 * @param breaker the state of the breaker in front of it
 * @param since when it took that state; null when it never changed
 * @param cause why Redis is not used; null while it is
 * @param localBuckets buckets held in this process
 */
public record StoreView(
    String answering,
    @Nullable String redis,
    String breaker,
    @Nullable Instant since,
    @Nullable String cause,
    long localBuckets) {}
