package io.sluice.upstream;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;

/**
 * The head of a request, sent exactly as it stands here: nothing is added to the fields or left
 * out, and names and values keep their spelling. Content is framed as the fields announce it.
 *
 * @param method the method, in its own case
 * @param target the request target as it is to stand in the request line (RFC 9112, section 3.2)
 * @param fields the fields; with Content-Length or Transfer-Encoding: chunked where content follows
 */
public record RequestHead(String method, String target, HttpFields fields) {

  /** Returns whether no content follows the answer's head. */
  public boolean isHead() {
    return HttpMethod.HEAD.is(method);
  }

  /** Returns the announced length of the content; negative where it goes in chunks. */
  public long contentLength() {
    HttpField length = fields.getField(HttpHeader.CONTENT_LENGTH);
    return length == null ? -1 : length.getLongValue();
  }
}
