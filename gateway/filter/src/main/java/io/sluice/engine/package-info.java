/** Puts the limit engine together from configuration, and keeps its policies current. */
@NullMarked
package io.sluice.engine;

import org.jspecify.annotations.NullMarked;
