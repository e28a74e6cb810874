package io.sluice.bench.prove;

import io.sluice.bench.fleet.Rate;

/**
 * What the clients know of one bucket.
 *
 * @param level which of a request's limits it belongs to
 * @param key its name in Redis
 * @param rate its limit
 * @param admitted requests under it that were answered 200
 * @param unknown requests under it of which nobody can say whether they were charged
 */
record Tally(String level, String key, Rate rate, long admitted, long unknown) {}
