/** A small API with a chat page, for the demo and for tests to put a gateway in front of. */
@NullMarked
package io.sluice.sample;

import org.jspecify.annotations.NullMarked;
