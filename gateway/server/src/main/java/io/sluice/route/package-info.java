/** Says which upstream a request goes to, and how. */
@NullMarked
package io.sluice.route;

import org.jspecify.annotations.NullMarked;
