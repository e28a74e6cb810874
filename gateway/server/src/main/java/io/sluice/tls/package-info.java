/** TLS on both sides: certificates and their renewal, handshakes with clients and upstreams. */
@NullMarked
package io.sluice.tls;

import org.jspecify.annotations.NullMarked;
