package io.sluice.app;

import io.sluice.request.Exchange;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A filter that listens to each exchange and notes all it hears. */
final class Eavesdropper implements Filter {

  /** What was heard of one exchange. */
  static final class Heard implements Exchange.Listener {

    final List<Integer> statuses = new ArrayList<>();
    final List<Map.Entry<String, String>> fields = new ArrayList<>();
    final ByteArrayOutputStream content = new ByteArrayOutputStream();
    final BlockingQueue<Exchange.Outcome> ends = new LinkedBlockingQueue<>();
    final String decisionId;

    Heard(String decisionId) {
      this.decisionId = decisionId;
    }

    @Override
    public synchronized void onResponse(
        int status, List<Map.Entry<String, String>> responseFields) {
      statuses.add(status);
      fields.addAll(responseFields);
    }

    @Override
    public synchronized void onContent(ByteBuffer chunk) {
      byte[] octets = new byte[chunk.remaining()];
      chunk.get(octets);
      content.writeBytes(octets);
    }

    @Override
    public void onEnd(Exchange.Outcome outcome) {
      ends.add(outcome);
    }

    synchronized String text() {
      return content.toString(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    Exchange.Outcome end() throws InterruptedException {
      Exchange.Outcome end = ends.poll(10, TimeUnit.SECONDS);
      if (end == null) {
        throw new AssertionError("the exchange did not end");
      }
      return end;
    }
  }

  private final BlockingQueue<Heard> exchanges = new LinkedBlockingQueue<>();

  Heard heard() throws InterruptedException {
    Heard heard = exchanges.poll(10, TimeUnit.SECONDS);
    if (heard == null) {
      throw new AssertionError("no exchange began");
    }
    return heard;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Exchange exchange = (Exchange) request.getAttribute(Exchange.ATTRIBUTE);
    if (request.getAttribute("heard") == null) {
      request.setAttribute("heard", true);
      Heard heard = new Heard(exchange.decisionId());
      exchange.listen(heard);
      exchanges.add(heard);
    }
    chain.doFilter(request, response);
  }
}
