/** What an upstream is, and how HTTP/1.1 is spoken to it over pooled connections. */
@NullMarked
package io.sluice.upstream;

import org.jspecify.annotations.NullMarked;
