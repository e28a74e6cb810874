/** HOCON to settings and policies, or a list of problems with file and line. */
@NullMarked
package io.sluice.config;

import org.jspecify.annotations.NullMarked;
