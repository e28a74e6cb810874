package io.sluice.app;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.util.BufferUtil;

/** Lets its handler look back at the request line that has just been read. */
final class StrictParser extends HttpParser {

  private static final byte[] NAME = {'H', 'T', 'T', 'P', '/'};

  /** What stands between the name of the version and the end of its line. */
  private static final int AFTER_NAME = "1.1\r\n".length();

  private ByteBuffer reading = BufferUtil.EMPTY_BUFFER;

  StrictParser(HttpParser.RequestHandler handler, int maxHeaderSize, HttpCompliance compliance) {
    super(handler, maxHeaderSize, compliance);
  }

  @Override
  public boolean parseNext(ByteBuffer octets) {
    reading = octets;
    try {
      return super.parseNext(octets);
    } finally {
      reading = BufferUtil.EMPTY_BUFFER;
    }
  }

  /** Returns whether the version is in capitals, as far as it has arrived with its line end. */
  boolean isVersionExact() {
    int start = reading.position() - AFTER_NAME - NAME.length;
    for (int i = 0; i < NAME.length; i++) {
      if (start + i >= 0 && reading.get(start + i) != NAME[i]) {
        return false;
      }
    }
    return true;
  }
}
