package io.sluice.request;

/**
 * A request path that cannot be read in exactly one way. The message is written for the client and
 * names the remedy; it repeats nothing of the request.
 */
public final class RefusedPathException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String remedy;

  public RefusedPathException(String message) {
    super(message, null, false, false);
    this.remedy = message;
  }

  @Override
  public String getMessage() {
    return remedy;
  }
}
