package io.sluice.proxy;

import java.io.IOException;

/** A client took its answer too slowly. */
final class SlowAnswerException extends IOException {

  private static final long serialVersionUID = 1L;

  SlowAnswerException() {
    super("the client takes its answer too slowly");
  }
}
