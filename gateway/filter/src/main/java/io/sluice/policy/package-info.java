/** The rules users write, as immutable values, and which of them cover a request. */
@NullMarked
package io.sluice.policy;

import org.jspecify.annotations.NullMarked;
