/** What single steps of a decision cost: benchmarks for JMH and the table of their results. */
@NullMarked
package io.sluice.bench;

import org.jspecify.annotations.NullMarked;
