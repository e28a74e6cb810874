package io.sluice.proxy;

import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * An answer's content that must not be there, as in a 205 (RFC 9110, section 15.3.6): read away, so
 * that the connection it came on can serve on, and never shown.
 */
record NoContent(Content.Source source) implements Content.Source {

  @Override
  public Content.@Nullable Chunk read() {
    while (true) {
      Content.Chunk chunk = source.read();
      if (chunk == null || Content.Chunk.isFailure(chunk)) {
        return chunk;
      }
      chunk.release();
      if (chunk.isLast()) {
        return Content.Chunk.EOF;
      }
    }
  }

  @Override
  public void demand(Runnable demandCallback) {
    source.demand(demandCallback);
  }

  @Override
  public void fail(Throwable failure) {
    source.fail(failure);
  }
}
