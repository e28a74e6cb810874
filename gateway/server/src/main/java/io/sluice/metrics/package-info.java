/** Listens to observers and counts; renders Prometheus text. */
@NullMarked
package io.sluice.metrics;

import org.jspecify.annotations.NullMarked;
