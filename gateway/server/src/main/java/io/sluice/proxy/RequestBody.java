package io.sluice.proxy;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Hands the client's content to the upstream as it comes, without copying, as fast as the upstream
 * takes it. A client that expects 100 Continue gets it when the upstream first waits for content.
 */
final class RequestBody implements Content.Source {

  private final Request client;
  private final long length;
  private Content.@Nullable Chunk first;
  private volatile @Nullable Throwable failure;

  private RequestBody(Request client, long length, Content.@Nullable Chunk first) {
    this.client = client;
    this.length = length;
    this.first = first;
  }

  /** Returns the content of the request, or null when it has none. */
  static @Nullable RequestBody of(Request client) {
    HttpFields fields = client.getHeaders();
    HttpField length = fields.getField(HttpHeader.CONTENT_LENGTH);
    if (length != null) {
      return length.getLongValue() == 0
          ? null
          : new RequestBody(client, length.getLongValue(), null);
    }
    if (fields.contains(HttpHeader.TRANSFER_ENCODING)) {
      return new RequestBody(client, -1, null);
    }
    return client.getConnectionMetaData().getHttpVersion().getVersion()
            < HttpVersion.HTTP_2.getVersion()
        ? null
        : ofUnsaid(client);
  }

  /** HTTP/2 need not say beforehand whether content follows; only the stream's end tells. */
  private static @Nullable RequestBody ofUnsaid(Request client) {
    Content.Chunk chunk = client.read();
    if (chunk != null
        && chunk.isLast()
        && !chunk.hasRemaining()
        && !Content.Chunk.isFailure(chunk)) {
      chunk.release();
      return null;
    }
    return new RequestBody(client, -1, chunk);
  }

  /** Returns why the client's content could not be read; null while it can. */
  @Nullable Throwable failure() {
    return failure;
  }

  @Override
  public long getLength() {
    return length;
  }

  @Override
  public Content.@Nullable Chunk read() {
    Content.Chunk chunk = first;
    if (chunk == null) {
      chunk = client.read();
    } else {
      first = null;
    }
    if (Content.Chunk.isFailure(chunk)) {
      failure = chunk.getFailure();
    }
    return chunk;
  }

  @Override
  public void demand(Runnable demandCallback) {
    client.demand(demandCallback);
  }

  /** The upstream wants no more. The client's side stays whole, so that it can get its answer. */
  @Override
  public void fail(Throwable reason) {
    Content.Chunk chunk = first;
    first = null;
    if (chunk != null) {
      chunk.release();
    }
  }
}
