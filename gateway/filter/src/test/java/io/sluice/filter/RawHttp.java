package io.sluice.filter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;

/** One HTTP/1.1 request on a connection of its own, written as it stands, without any thread. */
final class RawHttp implements AutoCloseable {

  private static final int DEADLINE_MILLIS = 30_000;

  private final Socket socket;
  private final String method;

  /** What came back. */
  record Answer(List<String> head, String body) {

    int status() {
      return Integer.parseInt(head.get(0).split(" ", -1)[1]);
    }

    /** Returns the values of the field, one for each line. */
    List<String> all(String name) {
      String start = name + ": ";
      return head.stream()
          .filter(line -> line.regionMatches(true, 0, start, 0, start.length()))
          .map(line -> line.substring(start.length()))
          .toList();
    }

    /** Returns the value of the only such field. */
    String field(String name) {
      List<String> values = all(name);
      if (values.size() != 1) {
        throw new AssertionError(name + " occurs " + values.size() + " times in " + this);
      }
      return values.get(0);
    }
  }

  /** Sends a request line and fields. */
  RawHttp(int port, String line, String... fields) throws IOException {
    method = line.substring(0, line.indexOf(' '));
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(DEADLINE_MILLIS);
    StringBuilder request = new StringBuilder(line).append(" HTTP/1.1\r\n");
    if (Arrays.stream(fields).noneMatch(field -> field.startsWith("Host:"))) {
      request.append("Host: localhost\r\n");
    }
    for (String field : fields) {
      request.append(field).append("\r\n");
    }
    write(request.append("Connection: close\r\n\r\n").toString());
  }

  /** Sends a request and reads its answer. */
  static Answer ask(int port, String line, String... fields) throws IOException {
    try (RawHttp http = new RawHttp(port, line, fields)) {
      return http.answer();
    }
  }

  RawHttp write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    return this;
  }

  /** Reads the whole answer, but does not wait for the server to close where it need not. */
  Answer answer() throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("no answer: " + head);
      }
      head.append((char) octet);
    }
    List<String> lines = List.of(head.toString().strip().split("\r\n", -1));
    List<String> length = new Answer(lines, "").all("Content-Length");
    boolean counted = length.size() == 1 && !method.equals("HEAD");
    byte[] body = counted ? in.readNBytes(Integer.parseInt(length.get(0))) : in.readAllBytes();
    return new Answer(lines, new String(body, ISO_8859_1));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
