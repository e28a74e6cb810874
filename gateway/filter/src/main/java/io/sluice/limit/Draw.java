package io.sluice.limit;

import io.sluice.policy.Bandwidth;
import io.sluice.policy.Policy.OnOutage;

/**
 * What one request wants of one bucket.
 *
 * @param key the bucket
 * @param bandwidth its capacity and refill according to the book in force
 * @param tokens tokens wanted; at least 1
 * @param onOutage what happens while the shared store is away
 */
public record Draw(BucketKey key, Bandwidth bandwidth, long tokens, OnOutage onOutage) {}
