package io.sluice.proxy;

import java.util.function.Supplier;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * The trailers of one answer, if any come: announced before its content, sent after. They pass
 * below the filters, whose servlet view of trailers cannot hold a name twice. Thread-safe.
 */
final class AnswerTrailers implements Supplier<@Nullable HttpFields> {

  private final HttpFields head;
  private volatile @Nullable HttpFields trailers;

  private AnswerTrailers(HttpFields head) {
    this.head = head;
  }

  /**
   * Gets ready for the trailers of an answer of unknown length; before it begins.
   *
   * @param head the fields as the upstream sent them
   * @return null where the client cannot take trailers
   */
  static @Nullable AnswerTrailers of(HttpFields head, ServletContextRequest request) {
    if (!TrailerFields.areKnownTo(request)) {
      return null;
    }
    Response client = request.getServletContextResponse().getWrapped();
    for (HttpField field : head) {
      if (field.getHeader() == HttpHeader.TRAILER) {
        client.getHeaders().add(field);
      }
    }
    AnswerTrailers trailers = new AnswerTrailers(head);
    client.setTrailersSupplier(trailers);
    return trailers;
  }

  /** They have come. */
  void came(HttpFields received) {
    HttpFields passed = TrailerFields.passed(received, HopByHop.in(head), AnswerFields::isOurs);
    trailers = passed.size() == 0 ? null : passed;
  }

  @Override
  public @Nullable HttpFields get() {
    return trailers;
  }
}
