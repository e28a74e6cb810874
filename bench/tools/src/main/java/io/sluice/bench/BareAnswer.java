package io.sluice.bench;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.util.ArrayList;
import java.util.List;

/** An answer that takes fields and nothing else: whatever else is asked throws. */
final class BareAnswer extends HttpServletResponseWrapper {

  private static final HttpServletResponse NOTHING = Nothing.of(HttpServletResponse.class);

  private final List<String> lines = new ArrayList<>(16);

  BareAnswer() {
    super(NOTHING);
  }

  /** Returns how many fields were written. */
  int fields() {
    return lines.size() / 2;
  }

  @Override
  public void addHeader(String name, String value) {
    lines.add(name);
    lines.add(value);
  }

  @Override
  public void setHeader(String name, String value) {
    addHeader(name, value);
  }
}
