package io.sluice.upstream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.Trailers;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Receives answers and takes them apart, no faster than they are read. Content is handed on where
 * it lies, in the buffer it was received in, which is held only while something is in it. Not
 * thread-safe: guarded by its connection.
 */
final class AnswerReader {

  /** How much is received at once. */
  private static final int BUFFER = 16 * 1024;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final EndPoint endPoint;
  private final ByteBufferPool buffers;
  private final AnswerParser parser = new AnswerParser();
  private @Nullable RetainableByteBuffer buffer;
  private boolean heard;

  AnswerReader(EndPoint endPoint, ByteBufferPool buffers) {
    this.endPoint = endPoint;
    this.buffers = buffers;
  }

  /** Prepares for the next answer; {@code toHead} tells that it answers a HEAD. */
  void expect(boolean toHead) {
    heard = false;
    parser.expect(toHead);
  }

  /** Reads until a head is there; returns false when more of it has to come. */
  boolean readHead() throws IOException {
    while (!parser.readHead(octets())) {
      if (!fill()) {
        return false;
      }
    }
    return true;
  }

  /** Passes over the end of an interim answer, to the head of the next. */
  void passInterim(boolean toHead) {
    parser.peekContent(octets());
    parser.expect(toHead);
  }

  /** Returns the next piece of content; null when more has to come first. */
  Content.@Nullable Chunk read() throws IOException {
    ByteBuffer content = parser.readContent(octets());
    while (content == null && !parser.isWhole()) {
      if (!fill()) {
        return null;
      }
      content = parser.readContent(octets());
    }
    if (content != null) {
      return chunk(content);
    }
    HttpFields trailers = parser.trailers();
    return trailers == null ? Content.Chunk.EOF : new Trailers(trailers);
  }

  /** Returns whether {@link #read} finds something without more being received. */
  boolean isReadable() {
    return parser.peekContent(octets()) != null || parser.isWhole();
  }

  /** Returns whether nothing has come, not even the end, though the connection woke up. */
  boolean isSilent() {
    try {
      return !octets().hasRemaining() && !fill();
    } catch (IOException e) {
      return false;
    }
  }

  AnswerParser parser() {
    return parser;
  }

  /** Returns whether anything of the answer has come. */
  boolean hasHeard() {
    return heard;
  }

  /** Returns whether the answer is whole and the next octet can only belong to another one. */
  boolean isClean() {
    return parser.isWhole() && parser.isPersistent() && !octets().hasRemaining();
  }

  /** Takes what has been received behind the head of a switch of protocols. */
  ByteBuffer takeRest() {
    ByteBuffer octets = octets();
    return ByteBuffer.allocate(octets.remaining()).put(octets).flip();
  }

  void release() {
    RetainableByteBuffer current = buffer;
    buffer = null;
    if (current != null) {
      current.release();
    }
  }

  /** The last piece says so itself, so that it need not be followed by an empty one. */
  private Content.Chunk chunk(ByteBuffer content) {
    boolean last =
        parser.peekContent(octets()) == null && parser.isWhole() && parser.trailers() == null;
    RetainableByteBuffer owner = Objects.requireNonNull(buffer);
    owner.retain();
    return Content.Chunk.asChunk(content, last, owner);
  }

  private ByteBuffer octets() {
    RetainableByteBuffer current = buffer;
    return current == null ? NOTHING : current.getByteBuffer();
  }

  /** Receives what has come, be it the end; returns false when nothing has. */
  private boolean fill() throws IOException {
    if (buffer != null && buffer.isRetained()) {
      release(); // Its content is still on its way to the client.
    }
    RetainableByteBuffer into = buffer == null ? buffers.acquire(BUFFER, true) : buffer;
    buffer = into;
    int filled = endPoint.fill(into.getByteBuffer());
    if (filled == 0) {
      release();
    } else if (filled < 0) {
      parser.end();
    } else {
      heard = true;
    }
    return filled != 0;
  }
}
