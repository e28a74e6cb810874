/** Examines a Redis as a gateway would use it, and says what is wrong with it for limits. */
@NullMarked
package io.sluice.doctor;

import org.jspecify.annotations.NullMarked;
