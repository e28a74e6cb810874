/**
 * A corpus of raw requests and raw answers, and what plays and judges them. Uses the JDK only, so
 * that it also runs by itself against any HTTP/1.1 gateway.
 */
@NullMarked
package io.sluice.corpus;

import org.jspecify.annotations.NullMarked;
