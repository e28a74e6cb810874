package io.sluice.pem;

/** A certificate or key that cannot be used; the message names the file, the fault, the remedy. */
public final class BadCertificateException extends Exception {

  private static final long serialVersionUID = 1L;

  public BadCertificateException(String message) {
    super(message);
  }

  public BadCertificateException(String message, Throwable cause) {
    super(message, cause);
  }
}
