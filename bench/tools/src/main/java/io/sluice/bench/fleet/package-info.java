/** What a bench of whole gateways is built from: processes, an upstream, connections, limits. */
@NullMarked
package io.sluice.bench.fleet;

import org.jspecify.annotations.NullMarked;
