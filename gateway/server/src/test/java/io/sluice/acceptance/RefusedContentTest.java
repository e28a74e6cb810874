package io.sluice.acceptance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefusedContentTest {

  private static final int MILLIS = 30_000;

  @TempDir Path folder;

  private House house;

  @BeforeEach
  void build() throws IOException {
    house = new House(folder);
    house.policy("chat", "match = \"POST /api/chat/**\"\nlimits = [ { key = ip, rate = 1/hour } ]");
  }

  @Test
  void aRefusalComesBeforeSmallContentAndTheConnectionLivesOn() throws Exception {
    try (House open = house;
        Client client = new Client(open.gateway("redis { enabled = false }"))) {
      client.send("POST /api/chat/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
      assertThat(client.answer()).startsWith("HTTP/1.1 201");
      for (int i = 0; i < 3; i++) {
        client.send("POST /api/chat/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n");
        assertThat(client.answer())
            .startsWith("HTTP/1.1 429")
            .doesNotContainIgnoringCase("Connection: close");
        client.send("{}");
      }
    }
  }

  @Test
  void aRefusalOfLargeContentSaysThatTheConnectionCloses() throws Exception {
    try (House open = house;
        Client client = new Client(open.gateway("redis { enabled = false }"))) {
      client.send("POST /api/chat/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
      client.answer();
      client.send(
          "POST /api/chat/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 10485760\r\n\r\n");
      String answer = client.answer();
      assertThat(answer).startsWith("HTTP/1.1 429").containsIgnoringCase("Connection: close");
      byte[] megabyte = new byte[1 << 20];
      for (int i = 0; i < 10; i++) {
        client.out.write(megabyte); // not reset: what is sent is read away for a while
      }
    }
  }

  @Test
  void aRefusedClientThatAsksBeforeSendingIsNotTold100() throws Exception {
    try (House open = house;
        Client client = new Client(open.gateway("redis { enabled = false }"))) {
      client.send("POST /api/chat/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
      client.answer();
      client.send(
          "POST /api/chat/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
              + "Expect: 100-continue\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 429");
    }
  }

  @Test
  void refusedClientsThatReadNothingHoldNoThread() throws Exception {
    Set<SocketChannel> deaf = new HashSet<>();
    try (House open = house) {
      Gateway gateway = open.gateway("redis { enabled = false }");
      byte[] requests =
          "POST /api/chat/messages HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2_000).getBytes(ISO_8859_1);
      for (int i = 0; i < 16; i++) {
        SocketChannel client =
            SocketChannel.open(new InetSocketAddress("127.0.0.1", gateway.port()));
        deaf.add(client);
        client.configureBlocking(false);
        fill(client, requests);
      }
      for (int i = 0; i < 20; i++) {
        assertThat(open.get(gateway, "/api/users/1").statusCode()).isEqualTo(200);
      }
    } finally {
      for (SocketChannel client : deaf) {
        client.close();
      }
    }
  }

  /** Sends until the other side takes no more for a while: its answers are not taken either. */
  private static void fill(SocketChannel client, byte[] requests) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(requests);
    long silent = System.nanoTime();
    while (System.nanoTime() - silent < 200_000_000L) {
      if (client.write(rest) > 0) {
        silent = System.nanoTime();
      }
      if (!rest.hasRemaining()) {
        rest.rewind();
      }
    }
  }

  private static final class Client implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    Client(Gateway gateway) throws IOException {
      socket = new Socket("127.0.0.1", gateway.port());
      socket.setSoTimeout(MILLIS);
      socket.setTcpNoDelay(true);
      in = socket.getInputStream();
      out = socket.getOutputStream();
    }

    void send(String text) throws IOException {
      out.write(text.getBytes(ISO_8859_1));
      out.flush();
    }

    /** Reads one answer; returns its head. */
    String answer() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int octet = in.read();
        assertThat(octet).as("ended after: %s", head).isNotNegative();
        head.append((char) octet);
      }
      String length = head.toString().replaceAll("(?is).*\r\nContent-Length: *(\\d+)\r\n.*", "$1");
      if (head.toString().startsWith("HTTP/1.1 201") && length.equals(head.toString())) {
        readChunks();
      } else {
        in.readNBytes(Integer.parseInt(length));
      }
      return head.toString();
    }

    private void readChunks() throws IOException {
      StringBuilder tail = new StringBuilder();
      while (tail.indexOf("0\r\n\r\n") < 0) {
        tail.append((char) in.read());
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
