package io.sluice.proxy;

import jakarta.servlet.http.HttpServletResponse;
import java.util.Set;
import org.eclipse.jetty.ee10.servlet.ServletApiResponse;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.ee10.servlet.ServletContextResponse;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;

/**
 * Copies status and fields of the upstream's answer to the client's, value for value, less what
 * belongs to the upstream's connection and its X-RateLimit fields, which ours replace.
 *
 * <p>Fields that filters have set stay and come first. Immutable and thread-safe.
 */
final class AnswerFields {

  private final boolean via;

  AnswerFields(ForwardSettings settings) {
    this.via = settings.via();
  }

  void copy(
      int status, HttpFields fields, ServletContextRequest request, HttpServletResponse response) {
    response.setStatus(status);
    Set<String> hop = HopByHop.in(fields);
    HttpFields.Mutable own = own(request);
    boolean bare = response instanceof ServletApiResponse;
    for (HttpField field : fields) {
      String name = field.getLowerCaseName();
      if (!hop.contains(name) && !name.startsWith("x-ratelimit-")) {
        if (bare) {
          add(own, field);
        } else {
          offer(response, own, field);
        }
      }
    }
    if (via) {
      own.add(HttpHeader.VIA, "1.1 sluice");
    }
    frame(status, request, own);
  }

  /** Below the servlet view, which would rewrite Content-Type in its own spelling. */
  private static HttpFields.Mutable own(ServletContextRequest request) {
    ServletContextResponse response = request.getServletContextResponse();
    return response.getWrapped().getHeaders();
  }

  private static void add(HttpFields.Mutable own, HttpField field) {
    if (field.getHeader() == HttpHeader.DATE) {
      own.put(field);
    } else {
      own.add(field);
    }
  }

  /** A filter's wrapper hears of each field and may change it; unchanged values stay exact. */
  private static void offer(HttpServletResponse response, HttpFields.Mutable own, HttpField field) {
    if (field.getHeader() == HttpHeader.DATE) {
      response.setHeader(field.getName(), field.getValue());
      return;
    }
    response.addHeader(field.getName(), field.getValue());
    if (field.getHeader() == HttpHeader.CONTENT_TYPE) {
      String stored = own.get(HttpHeader.CONTENT_TYPE);
      if (stored != null && sameType(stored, field.getValue())) {
        own.put(field);
      }
    }
  }

  private static boolean sameType(String a, String b) {
    return a.replace(" ", "").equalsIgnoreCase(b.replace(" ", ""));
  }

  /**
   * Settles how the content ends. A known length lets the last chunk go out as the last; without
   * one, HTTP/1.1 always gets chunks, because the end of a connection cannot tell a broken answer
   * from a whole one.
   */
  private static void frame(int status, ServletContextRequest request, HttpFields.Mutable own) {
    if (status == HttpStatus.NO_CONTENT_204) {
      own.remove(HttpHeader.CONTENT_LENGTH); // Must not be there (RFC 9110, section 8.6).
    }
    if (HttpMethod.HEAD.is(request.getMethod()) || HttpStatus.hasNoBody(status)) {
      return;
    }
    long length = own.getLongField(HttpHeader.CONTENT_LENGTH);
    if (length >= 0) {
      request.getServletContextResponse().getHttpOutput().setApplicationContentLength(length);
    } else if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1
        && !request.getConnectionMetaData().isPersistent()) {
      own.put(HttpHeader.TRANSFER_ENCODING, "chunked");
    }
  }
}
