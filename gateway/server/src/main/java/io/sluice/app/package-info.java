/** Puts the house together: one ordered list of filters, one server; starts and stops. */
@NullMarked
package io.sluice.app;

import org.jspecify.annotations.NullMarked;
