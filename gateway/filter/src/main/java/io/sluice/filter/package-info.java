/** Servlet filters: unwrap the request, ask one inner package, write headers or a refusal. */
@NullMarked
package io.sluice.filter;

import org.jspecify.annotations.NullMarked;
