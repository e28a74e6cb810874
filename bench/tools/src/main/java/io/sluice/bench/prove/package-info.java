/** Proves over HTTP that gateways on one Redis grant no more than their limits allow. */
@NullMarked
package io.sluice.bench.prove;

import org.jspecify.annotations.NullMarked;
