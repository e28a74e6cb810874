/** Speaks HTTP/2 to the upstream over a few connections that many requests share. */
@NullMarked
package io.sluice.http2;

import org.jspecify.annotations.NullMarked;
