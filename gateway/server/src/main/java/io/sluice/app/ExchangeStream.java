package io.sluice.app;

import io.sluice.request.Exchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.AbstractList;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** The last stop before the transport: all that an answer is passes here, and its end. */
final class ExchangeStream extends HttpStream.Wrapper {

  private static final AtomicReferenceFieldUpdater<ExchangeStream, Object> WATCH =
      AtomicReferenceFieldUpdater.newUpdater(ExchangeStream.class, Object.class, "watch");
  private static final Object NONE = new Object();
  private static final Object ENDED = new Object();

  private final Exchange exchange;
  private final ConnectionMetaData connection;
  private final @Nullable ClientConnection client;
  private volatile boolean whole;

  /** NONE, an {@link AbortWatch} where the exchange takes long, and ENDED at its end. */
  private volatile Object watch = NONE;

  ExchangeStream(HttpStream stream, Exchange exchange, ConnectionMetaData connection) {
    super(stream);
    this.exchange = exchange;
    this.connection = connection;
    this.client = connection.getConnection() instanceof ClientConnection http1 ? http1 : null;
    if (client != null) {
      client.carry(this);
    }
  }

  /** Watches for the client's leaving, where the request began before that time. */
  void watch(long begunBefore) {
    if (!(watch instanceof AbortWatch)
        && client != null
        && exchange.startNanos() - begunBefore < 0) {
      AbortWatch next = new AbortWatch(client, exchange);
      synchronized (next) {
        if (client.isRequestRead() && WATCH.compareAndSet(this, NONE, next)) {
          next.begin();
        }
      }
    }
  }

  @Override
  public void send(
      MetaData.Request request,
      MetaData.@Nullable Response response,
      boolean last,
      @Nullable ByteBuffer content,
      Callback callback) {
    if (response != null && !HttpStatus.isInterim(response.getStatus())) {
      exchange.responded(response.getStatus(), new Entries(response.getHttpFields()));
      if (client != null) {
        client.answering(response.getStatus());
      }
    }
    if (response != null
        && isHttp2()
        && AnswerSize.isTooLarge(connection, response.getHttpFields())) {
      // The write's failure alone may be noticed only when the stream's time is up.
      OwnReset.force(connection, this);
      callback.failed(new IOException("the answer's fields are larger than the client takes"));
      return;
    }
    if (content != null && content.hasRemaining() && !HttpMethod.HEAD.is(request.getMethod())) {
      exchange.wrote(content);
    }
    if (isContinue(response) && connection.getHttpVersion() == HttpVersion.HTTP_1_0) {
      // Jetty heeds an expectation that counts for nothing there (RFC 9110, section 10.1.1).
      callback.succeeded();
      return;
    }
    super.send(request, response, last, content, last ? new Last(callback) : callback);
  }

  @Override
  public void succeeded() {
    if (exchange.status() == HttpStatus.SWITCHING_PROTOCOLS_101) {
      switchProtocols();
      return;
    }
    end();
    if (isContentAwaited()) {
      leave(CONTENT_NOT_CONSUMED);
    } else {
      super.succeeded();
    }
  }

  @Override
  public void failed(Throwable failure) {
    end();
    if (whole) {
      leave(failure);
    } else if (!isHttp2() || OwnReset.send(connection, this, ErrorCode.INTERNAL_ERROR)) {
      super.failed(failure);
    }
  }

  private static boolean isContinue(MetaData.@Nullable Response response) {
    return response != null && response.getStatus() == HttpStatus.CONTINUE_100;
  }

  /**
   * The exchange goes on in another protocol, and whoever speaks it ends it. Jetty breaks the
   * connection off if it is still watched then; it counts as busy until it has changed hands.
   */
  private void switchProtocols() {
    unwatch();
    super.succeeded();
    if (endPoint().getConnection().equals(connection.getConnection())) {
      exchange.ended(false, System.nanoTime());
    }
  }

  private void end() {
    if (unwatch() && client != null) {
      client.setDown();
    }
    exchange.ended(whole, System.nanoTime());
  }

  /** Watches no more, and returns whether that is new: later, a next exchange may have begun. */
  @SuppressWarnings("ReferenceEquality") // ENDED is a mark and equals nothing else
  private boolean unwatch() {
    Object before = WATCH.getAndSet(this, ENDED);
    if (before instanceof AbortWatch watching) {
      watching.withdraw();
    }
    return before != ENDED;
  }

  /** Whether the answer is complete while content of the request is still to come. */
  private boolean isContentAwaited() {
    return isHttp2() ? consumeAvailable() != null : endPoint().isFillInterested();
  }

  /** Ends the stream of a client that has its whole answer and may be sending still. */
  private void leave(Throwable reason) {
    if (isHttp2()) {
      // Only its content was not wanted: no error (RFC 9113, section 8.1).
      if (OwnReset.send(connection, this, ErrorCode.NO_ERROR)) {
        super.failed(CONTENT_NOT_CONSUMED);
      }
    } else if (endPoint().isOpen()) {
      Scheduler scheduler = connection.getConnector().getScheduler();
      Lingering.begin(endPoint(), scheduler, () -> super.failed(reason));
    } else {
      super.failed(reason);
    }
  }

  private boolean isHttp2() {
    return connection.getHttpVersion() == HttpVersion.HTTP_2;
  }

  private EndPoint endPoint() {
    return connection.getConnection().getEndPoint();
  }

  /** Fields as others read them; entries are made for those only who look. */
  private static final class Entries extends AbstractList<Map.Entry<String, String>> {

    private final HttpFields fields;

    Entries(HttpFields fields) {
      this.fields = fields;
    }

    @Override
    public Map.Entry<String, String> get(int index) {
      HttpField field = fields.getField(index);
      return new SimpleImmutableEntry<>(field.getName(), field.getValue());
    }

    @Override
    public int size() {
      return fields.size();
    }
  }

  /** Notes that the last octet has been taken by the transport. */
  private final class Last implements Callback {

    private final Callback next;

    Last(Callback next) {
      this.next = next;
    }

    @Override
    public void succeeded() {
      whole = true;
      next.succeeded();
    }

    @Override
    public void failed(Throwable cause) {
      next.failed(cause);
    }

    @Override
    public Invocable.InvocationType getInvocationType() {
      return next.getInvocationType();
    }
  }
}
