package io.sluice.bench.fleet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;

class TinyUpstreamTest {

  @Test
  void aRequestIsAnsweredWhenItsContentIsThere() throws IOException {
    try (TinyUpstream upstream = TinyUpstream.start();
        Socket client = new Socket(InetAddress.getLoopbackAddress(), upstream.port())) {
      OutputStream out = client.getOutputStream();
      InputStream in = client.getInputStream();
      out.write("POST / HTTP/1.1\r\nCONTENT-LENGTH: 8\r\n\r\n\r\n\r\n".getBytes(US_ASCII));
      client.setSoTimeout(100);
      assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
      client.setSoTimeout(10_000);
      out.write("1234GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
      client.shutdownOutput();

      assertThat(in.readAllBytes())
          .asString(US_ASCII)
          .containsOnlyOnce("\r\n\r\nokHTTP/1.1 200 OK")
          .endsWith("\r\n\r\nok");
    }
  }
}
