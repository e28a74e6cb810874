package io.sluice.upstream;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers of one connection, one after the other. Jetty's parser does the reading; what
 * is decided here is what a gateway must not take: versions and transfer codings it did not ask
 * for, and connections whose next octet could belong to another answer (RFC 9112, sections 6 and
 * 9). Not thread-safe.
 */
final class AnswerParser implements HttpParser.ResponseHandler {

  /** What the server side can pass on; beyond it an answer counts as malformed. */
  static final int MAX_FIELDS = 64 * 1024;

  private static final byte[] START = {'H', 'T', 'T', 'P', '/'};

  private final HttpParser parser = new HttpParser(this, MAX_FIELDS, HttpCompliance.STRICT);
  private HttpFields.Mutable fields = HttpFields.build();
  private HttpFields.@Nullable Mutable trailers;
  private @Nullable ByteBuffer content;
  private @Nullable IOException failure;
  private int status;
  private boolean toHead;
  private boolean switchable;
  private boolean http10;
  private boolean close;
  private boolean keepAlive;
  private boolean headWhole;
  private boolean whole;
  private boolean cut;
  private int started;

  AnswerParser() {
    parser.setHeaderCacheCaseSensitive(true);
  }

  /** Tells whether the request whose answers come next asks for another protocol. */
  void mayBeSwitch(boolean asked) {
    switchable = asked;
  }

  /** Prepares for the next answer; {@code toHead} tells that it answers a HEAD. */
  void expect(boolean toHead) {
    this.toHead = toHead;
    parser.reset();
    fields = HttpFields.build();
    trailers = null;
    content = null;
    failure = null;
    close = false;
    keepAlive = false;
    headWhole = false;
    whole = false;
    cut = false;
    started = 0;
  }

  /** Reads on; returns whether the head is whole. */
  boolean readHead(ByteBuffer octets) throws IOException {
    if (!headWhole && failure == null) {
      checkStart(octets);
      parse(octets);
    }
    check();
    return headWhole;
  }

  /** Jetty passes over empty lines and reads the version in any case. */
  private void checkStart(ByteBuffer octets) throws ProtocolException {
    for (int i = octets.position(); i < octets.limit() && started < START.length; i++) {
      if (octets.get(i) != START[started++]) {
        throw new ProtocolException("the upstream's answer cannot be read: no HTTP/1.1 answer");
      }
    }
  }

  /** Reads on; returns the next piece of content, a view of the octets; null when none is there. */
  @Nullable ByteBuffer readContent(ByteBuffer octets) throws IOException {
    ByteBuffer next = peekContent(octets);
    content = null;
    if (next == null) {
      check();
    }
    return next;
  }

  /** Returns the next piece of content and leaves it to {@link #readContent}. */
  @Nullable ByteBuffer peekContent(ByteBuffer octets) {
    while (content == null && !whole && failure == null && parse(octets)) {}
    return content;
  }

  /** The connection has ended. */
  void end() {
    parser.atEOF();
  }

  int status() {
    return status;
  }

  HttpFields fields() {
    return fields;
  }

  /** Returns the trailers that have been read; null when there are none. */
  @Nullable HttpFields trailers() {
    return trailers;
  }

  boolean isInterim() {
    return HttpStatus.isInterim(status);
  }

  /** Returns whether this head, once whole, ends what is HTTP on its connection. */
  boolean isSwitch() {
    return status == HttpStatus.SWITCHING_PROTOCOLS_101;
  }

  boolean isHeadWhole() {
    return headWhole;
  }

  boolean isWhole() {
    return whole;
  }

  /** Returns whether another answer may follow this whole one. */
  boolean isPersistent() {
    return !close && (keepAlive || !http10) && !parser.isTerminated() && !parser.isAtEOF();
  }

  /** Parses up to the next event; returns whether there was one. */
  private boolean parse(ByteBuffer octets) {
    try {
      return parser.parseNext(octets);
    } catch (RuntimeException | AssertionError e) {
      // With assertions on, Jetty trips over reporting a fault under the answer's own status.
      fail("no HTTP/1.1 answer", e);
      return false;
    }
  }

  private void check() throws IOException {
    IOException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }

  @Override
  public void startResponse(HttpVersion version, int status, @Nullable String reason) {
    if (version != HttpVersion.HTTP_1_1 && version != HttpVersion.HTTP_1_0) {
      throw new HttpException.RuntimeException(HttpStatus.BAD_GATEWAY_502, "not HTTP/1");
    }
    if (status < 100 || status > 599) {
      throw new HttpException.RuntimeException(HttpStatus.BAD_GATEWAY_502, "unknown status");
    }
    if (status == HttpStatus.SWITCHING_PROTOCOLS_101
        && !(switchable && version == HttpVersion.HTTP_1_1)) {
      throw new HttpException.RuntimeException(HttpStatus.BAD_GATEWAY_502, "101 unasked");
    }
    this.status = status;
    http10 = version == HttpVersion.HTTP_1_0;
    parser.setHeadResponse(toHead);
  }

  @Override
  public void parsedHeader(HttpField field) {
    HttpHeader name = field.getHeader();
    if (name == HttpHeader.CONNECTION) {
      close |= field.contains(HttpHeaderValue.CLOSE.asString());
      keepAlive |= field.contains(HttpHeaderValue.KEEP_ALIVE.asString());
    } else if (name == HttpHeader.TRANSFER_ENCODING) {
      if (!HttpHeaderValue.CHUNKED.is(field.getValue())) {
        throw new HttpException.RuntimeException(HttpStatus.BAD_GATEWAY_502, "coding unasked");
      }
      close |= http10;
    }
    if (isSwitch() && announcesContent(field)) {
      throw new HttpException.RuntimeException(HttpStatus.BAD_GATEWAY_502, "101 with content");
    }
    close |= status == HttpStatus.NO_CONTENT_204 && announcesContent(field);
    fields.add(field);
  }

  /** In a 204 this means that nobody can say where the next answer begins. */
  private static boolean announcesContent(HttpField field) {
    return field.getHeader() == HttpHeader.TRANSFER_ENCODING
        || (field.getHeader() == HttpHeader.CONTENT_LENGTH && field.getLongValue() != 0);
  }

  @Override
  public boolean headerComplete() {
    headWhole = true;
    return true;
  }

  @Override
  public boolean content(ByteBuffer octets) {
    content = octets;
    return true;
  }

  /** The parser takes the end of the connection for the end of the trailers. */
  @Override
  public boolean contentComplete() {
    cut = parser.isAtEOF() && parser.isChunking();
    return false;
  }

  @Override
  public void parsedTrailer(HttpField field) {
    HttpFields.Mutable known = trailers;
    if (known == null) {
      known = HttpFields.build();
      trailers = known;
    }
    known.add(field);
  }

  @Override
  public boolean messageComplete() {
    if (cut) {
      earlyEOF();
    } else {
      whole = true;
    }
    return true;
  }

  @Override
  public void earlyEOF() {
    fail("content that does not follow its framing", null);
  }

  @Override
  public void badMessage(HttpException cause) {
    fail(String.valueOf(cause.getReason()), (Throwable) cause);
  }

  private void fail(String problem, @Nullable Throwable cause) {
    IOException told =
        parser.isAtEOF()
            ? new EOFException("the upstream ended its answer too early")
            : new ProtocolException("the upstream's answer cannot be read: " + problem);
    if (cause != null) {
      told.initCause(cause);
    }
    failure = told;
  }
}
