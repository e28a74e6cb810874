/** The gateway with all that is needed to try it on one machine. */
@NullMarked
package io.sluice.demo;

import org.jspecify.annotations.NullMarked;
