/** Who is calling: client address, user, API key and roles, each only where it is proven. */
@NullMarked
package io.sluice.identity;

import org.jspecify.annotations.NullMarked;
