package io.sluice.admin;

/**
 * The operator's request cannot be answered as it is; the message says why and names the remedy.
 */
final class BadQueryException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int status;

  BadQueryException(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  /** A query that cannot be understood. */
  BadQueryException(String message) {
    this(400, message);
  }

  /** Returns the HTTP status to answer with. */
  int status() {
    return status;
  }

  /** Returns the message; always present. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
