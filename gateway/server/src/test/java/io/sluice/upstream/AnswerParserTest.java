package io.sluice.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerParserTest {

  /** What was made of some octets; {@code rest} counts those that belong to no answer. */
  private record Read(int status, String content, String trailers, boolean persistent, int rest) {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET |HTTP/1.1 200 OK~Content-Length: 5~~hello                    |200|hello|true",
        "GET |HTTP/1.1 200 OK~Content-Length: 0~~                         |200|     |true",
        "GET |HTTP/1.1 200~Content-Length: 2~~ok                          |200|ok   |true",
        "GET |HTTP/1.1 200 OK~Content-Length: 2~Connection: close~~ok     |200|ok   |false",
        "GET |HTTP/1.1 200 OK~Content-Length: 2~Connection: x, Close~~ok  |200|ok   |false",
        "GET |HTTP/1.1 200 OK~Connection: close~Connection: keep-alive~Content-Length: 2~~ok"
            + "|200|ok|false",
        "GET |HTTP/1.0 200 OK~Content-Length: 2~~ok                       |200|ok   |false",
        "GET |HTTP/1.0 200 OK~Content-Length: 2~Connection: keep-alive~~ok|200|ok   |true",
        "GET |HTTP/1.1 200 OK~Transfer-Encoding: chunked~~3~abc~2;x=\"y\"~de~0~~|200|abcde|true",
        "GET |HTTP/1.0 200 OK~Transfer-Encoding: chunked~Connection: keep-alive~~1~a~0~~"
            + "|200|a|false",
        "HEAD|HTTP/1.1 200 OK~Content-Length: 5~~                         |200|     |true",
        "HEAD|HTTP/1.1 200 OK~Transfer-Encoding: chunked~~                |200|     |true",
        "HEAD|HTTP/1.1 200 OK~~                                           |200|     |true",
        "GET |HTTP/1.1 204 No Content~~                                   |204|     |true",
        "GET |HTTP/1.1 204 No Content~Content-Length: 3~~                 |204|     |false",
        "GET |HTTP/1.1 204 No Content~Transfer-Encoding: chunked~~        |204|     |false",
        "GET |HTTP/1.1 304 Not Modified~Content-Length: 9~~               |304|     |true",
        "GET |HTTP/1.1 103 Early Hints~Link: x~~HTTP/1.1 100 Continue~~"
            + "HTTP/1.1 201 Made~Content-Length: 1~~x                     |201|x    |true",
      })
  void readsAnAnswerHoweverItsOctetsArrive(
      String method, String text, int status, String content, boolean persistent)
      throws IOException {
    String octets = text.strip().replace("~", "\r\n");
    String expected = content == null ? "" : content;
    for (int split = 0; split <= octets.length(); split++) {
      assertThat(read(method, false, octets.substring(0, split), octets.substring(split)))
          .as("split at %s", split)
          .isEqualTo(new Read(status, expected, "", persistent, 0));
    }
    assertThat(read(method, false, octets.split("(?<=.)")))
        .isEqualTo(new Read(status, expected, "", persistent, 0));
    assertThat(read(method, false, octets + "HTTP/1.1 200 OK").rest()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 200 OK\r\n\r\nall of it", "HTTP/1.0 200 OK\r\n\r\nall of it"})
  void contentWithoutFramingLastsUntilTheEnd(String octets) throws IOException {
    for (int split = 0; split <= octets.length(); split++) {
      assertThat(read("GET", true, octets.substring(0, split), octets.substring(split)))
          .isEqualTo(new Read(200, "all of it", "", false, 0));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n"
      })
  void keepsTrailersApart(String octets) throws IOException {
    for (int split = 0; split <= octets.length(); split++) {
      assertThat(read("GET", false, octets.substring(0, split), octets.substring(split)))
          .isEqualTo(new Read(200, "abc", "T=1", true, 0));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
      })
  void anEndWithinAnAnswerIsNoAnswer(String octets) {
    for (int end = 0; end < octets.length(); end++) {
      String part = octets.substring(0, end);
      assertThatThrownBy(() -> read("GET", true, part))
          .as("ended after <%s>", part)
          .isInstanceOf(EOFException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.0\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 99 OK\r\n\r\n",
        "HTTP/1.1 1000 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/0.9 200 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nBroken Field\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\u0000b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"
      })
  void whatIsNotHttpIsMalformed(String octets) {
    for (int split = 0; split <= octets.length(); split++) {
      String first = octets.substring(0, split);
      String second = octets.substring(split);
      assertThatThrownBy(() -> read("GET", false, first, second))
          .as("split at %s", split)
          .isInstanceOf(ProtocolException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"X: ", "Set-Cookie: a=b\r\nX: "})
  void moreFieldsThanCanBePassedOnAreMalformed(String field) {
    String fits = "HTTP/1.1 200 OK\r\n" + field + "x".repeat(AnswerParser.MAX_FIELDS) + "\r\n\r\n";
    assertThatThrownBy(() -> read("GET", false, fits)).isInstanceOf(ProtocolException.class);
  }

  /** Reads one answer as a connection does; the parts arrive one after the other. */
  private static Read read(String method, boolean ends, String... parts) throws IOException {
    Deque<ByteBuffer> arriving = new ArrayDeque<>();
    for (String part : List.of(parts)) {
      arriving.add(ByteBuffer.wrap(part.getBytes(ISO_8859_1)));
    }
    ByteBuffer octets = ByteBuffer.allocate(0);
    AnswerParser parser = new AnswerParser();
    parser.expect(method.equals("HEAD"));
    while (true) {
      while (!parser.readHead(octets)) {
        octets = next(parser, arriving, ends);
      }
      if (!parser.isInterim()) {
        break;
      }
      parser.peekContent(octets);
      parser.expect(false);
    }
    StringBuilder content = new StringBuilder();
    while (true) {
      ByteBuffer piece = parser.readContent(octets);
      if (piece != null) {
        content.append(ISO_8859_1.decode(piece));
      } else if (parser.isWhole()) {
        break;
      } else {
        octets = next(parser, arriving, ends);
      }
    }
    HttpFields trailers = parser.trailers();
    int rest = octets.remaining() + arriving.stream().mapToInt(ByteBuffer::remaining).sum();
    return new Read(
        parser.status(),
        content.toString(),
        trailers == null ? "" : "T=" + trailers.get("T"),
        parser.isPersistent(),
        rest);
  }

  private static ByteBuffer next(AnswerParser parser, Deque<ByteBuffer> arriving, boolean ends) {
    ByteBuffer next = arriving.poll();
    if (next != null) {
      return next;
    }
    assertThat(ends).as("more octets are awaited than there are").isTrue();
    parser.end();
    return ByteBuffer.allocate(0);
  }
}
