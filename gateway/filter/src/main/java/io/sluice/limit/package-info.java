/** The engine: policies, caller and store make a decision; knows no HTTP, servlet or Redis type. */
@NullMarked
package io.sluice.limit;

import org.jspecify.annotations.NullMarked;
