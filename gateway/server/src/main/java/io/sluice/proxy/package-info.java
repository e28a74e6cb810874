/** Sends what was allowed to its upstream and streams the answer back. */
@NullMarked
package io.sluice.proxy;

import org.jspecify.annotations.NullMarked;
