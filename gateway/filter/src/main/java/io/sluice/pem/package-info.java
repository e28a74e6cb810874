/** Certificates and their keys in files: read, understood, and found to belong together. */
@NullMarked
package io.sluice.pem;

import org.jspecify.annotations.NullMarked;
