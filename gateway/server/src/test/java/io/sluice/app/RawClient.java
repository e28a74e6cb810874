package io.sluice.app;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A client on a bare socket. */
final class RawClient implements AutoCloseable {

  /** An answer as it arrived; the content as ISO 8859-1, one character for each octet. */
  record Answer(String head, String content) {

    int status() {
      return Integer.parseInt(head.split(" ", 3)[1]);
    }

    String text() {
      return new String(content.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    List<String> values(String name) {
      return Wire.values(head, name);
    }
  }

  private final Socket socket;
  private final InputStream in;

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** Sends one request on a connection of its own and returns the answer. */
  static Answer ask(int port, String request) throws IOException {
    try (RawClient client = new RawClient(port)) {
      client.send(request);
      return client.answer(!request.startsWith("HEAD "));
    }
  }

  RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawClient send(byte[] octets) throws IOException {
    socket.getOutputStream().write(octets);
    socket.getOutputStream().flush();
    return this;
  }

  Answer answer() throws IOException {
    return answer(true);
  }

  /** Reads one answer; {@code withContent} is false for answers to HEAD. */
  Answer answer(boolean withContent) throws IOException {
    String head = head();
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    String status = head.split(" ", 3)[1];
    boolean none = !withContent || status.equals("204") || status.equals("304");
    if (!none && !Wire.readBody(in, head, content)) {
      in.transferTo(content);
    }
    return new Answer(head, content.toString(StandardCharsets.ISO_8859_1));
  }

  String head() throws IOException {
    String head = Wire.readHead(in);
    if (head == null) {
      throw new IOException("the connection ended without an answer");
    }
    return head;
  }

  InputStream in() {
    return in;
  }

  /** Goes away rudely. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
