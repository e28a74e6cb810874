package io.sluice.upstream;

import java.io.EOFException;

/**
 * A connection that had served before was closed before the first octet of an answer: most likely
 * the upstream had given it up when the request met it (RFC 9112, section 9.3.1).
 */
public final class StaleConnectionException extends EOFException {

  private static final long serialVersionUID = 1L;

  StaleConnectionException() {
    super("the upstream closed a kept connection");
  }
}
