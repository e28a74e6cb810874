/** Where buckets live: Redis, memory, and the switch between them. */
@NullMarked
package io.sluice.store;

import org.jspecify.annotations.NullMarked;
