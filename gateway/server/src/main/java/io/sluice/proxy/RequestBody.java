package io.sluice.proxy;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.Trailers;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Hands the client's content to the upstream as it comes, without copying, as fast as the upstream
 * takes it, and the trailers after it.
 */
final class RequestBody implements Content.Source {

  private final Request client;
  private final long length;
  private final RequestFields fields;
  private Content.@Nullable Chunk first;
  private volatile @Nullable Throwable failure;

  private RequestBody(
      Request client, long length, RequestFields fields, Content.@Nullable Chunk first) {
    this.client = client;
    this.length = length;
    this.fields = fields;
    this.first = first;
  }

  /**
   * Returns the content of the request, or null when it has none.
   *
   * @param fields says which trailers may go on
   */
  static @Nullable RequestBody of(Request client, RequestFields fields) {
    HttpFields received = client.getHeaders();
    HttpField length = received.getField(HttpHeader.CONTENT_LENGTH);
    if (length != null) {
      return length.getLongValue() == 0
          ? null
          : new RequestBody(client, length.getLongValue(), fields, null);
    }
    if (received.contains(HttpHeader.TRANSFER_ENCODING)) {
      return new RequestBody(client, -1, fields, null);
    }
    return client.getConnectionMetaData().getHttpVersion().getVersion()
            < HttpVersion.HTTP_2.getVersion()
        ? null
        : ofUnsaid(client, fields);
  }

  /** HTTP/2 need not say beforehand whether content follows; only the stream's end tells. */
  private static @Nullable RequestBody ofUnsaid(Request client, RequestFields fields) {
    Content.Chunk chunk = client.read();
    if (chunk != null
        && chunk.isLast()
        && !chunk.hasRemaining()
        && !(chunk instanceof Trailers)
        && !Content.Chunk.isFailure(chunk)) {
      chunk.release();
      return null;
    }
    return new RequestBody(client, -1, fields, chunk);
  }

  /**
   * Returns whether the client waits to be asked for it. In HTTP/1.0 that expectation counts for
   * nothing (RFC 9110, section 10.1.1); other expectations have been answered with 417 by now.
   */
  boolean isHeld() {
    return client.getHeaders().contains(HttpHeader.EXPECT)
        && client.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_0;
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
    return chunk instanceof Trailers trailers ? passed(trailers) : chunk;
  }

  /** Content of a length that was said beforehand goes up without trailers. */
  private Content.Chunk passed(Trailers trailers) {
    HttpFields passed = fields.trailers(client.getHeaders(), trailers.getTrailers());
    return length >= 0 || passed.size() == 0 ? Content.Chunk.EOF : new Trailers(passed);
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
