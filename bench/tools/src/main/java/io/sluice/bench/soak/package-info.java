/** Runs gateways under load while Redis fails in every way it can, and checks what came of it. */
@NullMarked
package io.sluice.bench.soak;

import org.jspecify.annotations.NullMarked;
