package io.sluice.bench.soak;

/**
 * One request as it is to be sent.
 *
 * @param traffic the number of its traffic
 * @param caller the number of its caller there
 * @param gateway whom it goes to
 * @param content how much content it carries where it is a POST
 * @param once whether it has a connection of its own
 */
record Ask(int traffic, int caller, int gateway, int content, boolean once) {}
