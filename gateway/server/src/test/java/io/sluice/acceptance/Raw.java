package io.sluice.acceptance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import java.io.IOException;
import java.net.Socket;
import java.util.List;

/** An answer to a request that was written octet by octet, on a connection of its own. */
record Raw(String head, String content) {

  private static final int MILLIS = 30_000;

  /** Sends {@code POST target} without content, with these fields. */
  static Raw post(Gateway gateway, String target, String... fields) throws IOException {
    return ask(gateway, "POST " + target, fields);
  }

  /** Sends a request that starts with this method and target, without content. */
  static Raw ask(Gateway gateway, String start, String... fields) throws IOException {
    StringBuilder text = new StringBuilder(start).append(" HTTP/1.1\r\n");
    for (String field : List.of(fields)) {
      text.append(field).append("\r\n");
    }
    text.append("Host: api.example.com\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
      socket.setSoTimeout(MILLIS);
      socket.getOutputStream().write(text.toString().getBytes(ISO_8859_1));
      String all = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
      int end = all.indexOf("\r\n\r\n");
      assertThat(end).as("an answer to %s: %s", start, all).isPositive();
      return new Raw(all.substring(0, end), all.substring(end + 4));
    }
  }

  int status() {
    return Integer.parseInt(head.split(" ", 3)[1]);
  }

  /** Returns the value of the only such field. */
  String field(String name) {
    List<String> values =
        head.lines()
            .filter(line -> line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
            .map(line -> line.substring(name.length() + 2))
            .toList();
    assertThat(values).as("%s in %s", name, head).hasSize(1);
    return values.get(0);
  }
}
