package io.sluice.upstream;

import java.util.concurrent.TimeoutException;

/** A client sent its content slower than its {@link Pace} asks for. */
public final class SlowContentException extends TimeoutException {

  private static final long serialVersionUID = 1L;

  SlowContentException() {
    super("the content of the request comes too slowly");
  }
}
