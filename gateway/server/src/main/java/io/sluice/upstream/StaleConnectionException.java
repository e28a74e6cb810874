package io.sluice.upstream;

import java.io.EOFException;

/**
 * A connection that had served before was closed before the first octet of an answer: most likely
 * the upstream had given it up when the request met it (RFC 9112, section 9.3.1). In HTTP/2 also:
 * the upstream has said that it did not take the request up (RFC 9113, section 8.7).
 */
public final class StaleConnectionException extends EOFException {

  private static final long serialVersionUID = 1L;

  StaleConnectionException() {
    this("the upstream closed a kept connection");
  }

  /** Creates one; the message says how the upstream did not take the request up. */
  public StaleConnectionException(String message) {
    super(message);
  }
}
