/** Opens WebSocket connections and relays what passes between their two ends (RFC 6455). */
@NullMarked
package io.sluice.websocket;

import org.jspecify.annotations.NullMarked;
