/** One way to reach Redis: connects, watches, reconnects; knows nothing of buckets. */
@NullMarked
package io.sluice.redis;

import org.jspecify.annotations.NullMarked;
