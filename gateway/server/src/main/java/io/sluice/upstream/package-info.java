/** Speaks HTTP/1.1 to the upstream over pooled connections. */
@NullMarked
package io.sluice.upstream;

import org.jspecify.annotations.NullMarked;
