package io.sluice.app;

import io.sluice.proxy.ClientCut;
import java.util.concurrent.TimeoutException;

/** Tells a connection that it is cut, and why. */
final class CutException extends TimeoutException {

  private static final long serialVersionUID = 1L;

  CutException(ClientCut cut) {
    super("the connection is cut: " + cut);
  }
}
