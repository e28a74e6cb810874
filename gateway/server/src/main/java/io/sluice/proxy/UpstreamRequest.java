package io.sluice.proxy;

import java.net.URI;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request whose method and target go out exactly as given: the client library would put the
 * method in upper case and parse the target anew for each request.
 */
final class UpstreamRequest extends HttpRequest {

  private final String exactMethod;
  private final RequestTarget target;

  UpstreamRequest(HttpClient client, URI origin, String method, RequestTarget target) {
    super(client, new HttpConversation(), origin);
    this.exactMethod = method;
    this.target = target;
  }

  @Override
  public String getMethod() {
    return exactMethod;
  }

  @Override
  public String getPath() {
    return target.path();
  }

  @Override
  public @Nullable String getQuery() {
    return target.query();
  }

  /** None: only cookies and authentication would need it, and both are the client's business. */
  @Override
  public @Nullable URI getURI() {
    return null;
  }
}
