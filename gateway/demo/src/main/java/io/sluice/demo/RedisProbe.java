package io.sluice.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Finds out whether a Redis answers at an address, whatever password it wants. */
final class RedisProbe {

  private static final int MILLIS = 500;

  private RedisProbe() {}

  static boolean answers(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), MILLIS);
      socket.setSoTimeout(MILLIS);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
      return answer.startsWith("+PONG") || answer.startsWith("-NOAU");
    } catch (IOException e) {
      return false;
    }
  }
}
