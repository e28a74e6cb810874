package io.sluice.app;

import java.io.IOException;
import java.io.OutputStream;

/** Where lines go. Used by one thread. */
interface AccessLogTarget {

  /** Returns the stream for the next line, opening it where it is not open. */
  OutputStream stream() throws IOException;

  /** Writes what is buffered and closes; {@link #stream} then opens anew. */
  void close() throws IOException;
}
