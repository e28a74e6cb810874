package io.sluice.bench.soak;

/**
 * A gateway at a calm moment.
 *
 * @param at when, as a share of the run
 * @param heapBytes live objects, after a collection
 * @param threads of the Java process
 */
record Sample(double at, double heapBytes, double threads) {}
