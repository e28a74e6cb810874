/** Shares requests out among the servers of an upstream, and keeps watch over their health. */
@NullMarked
package io.sluice.balance;

import org.jspecify.annotations.NullMarked;
