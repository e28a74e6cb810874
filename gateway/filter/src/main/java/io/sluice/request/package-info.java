/** What the inner layers may know of an HTTP request; depends on nothing. */
@NullMarked
package io.sluice.request;

import org.jspecify.annotations.NullMarked;
