package io.sluice.upstream;

import java.io.EOFException;

/**
 * A connection that had served before was closed before the first octet of an answer, or with a 408
 * to a request that was whole: most likely the upstream had given it up when the request met it
 * (RFC 9112, section 9.3.1; RFC 9110, section 15.5.9). In HTTP/2 also: the upstream has said that
 * it did not take the request up (RFC 9113, section 8.7).
 */
public final class StaleConnectionException extends EOFException {

  private static final long serialVersionUID = 1L;

  private final boolean unsent;

  /**
   * Creates one.
   *
   * @param unsent whether the upstream cannot have got the whole request
   */
  StaleConnectionException(boolean unsent) {
    super("the upstream closed a kept connection");
    this.unsent = unsent;
  }

  /** Creates one; the message says how the upstream did not take the request up. */
  public StaleConnectionException(String message) {
    super(message);
    this.unsent = false;
  }

  /**
   * Returns whether the request never left as a whole, and its content is untouched: then sending
   * it again does no harm whatever its method.
   */
  public boolean isUnsent() {
    return unsent;
  }
}
