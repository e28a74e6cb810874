package io.sluice.proxy;

import io.sluice.upstream.Call;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.StaleConnectionException;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.Upstream;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * One sending of a request to the upstream. Reports to its {@link Forwarding}, and asks for another
 * attempt where a pooled connection turns out to have been closed before it carried anything.
 */
final class Attempt implements CallListener {

  /** Repeating these does no harm (RFC 9110, section 9.2.2). */
  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");

  private final Forwarding forwarding;
  private final Call call;
  private final boolean mayRepeat;
  private final long startNanos = System.nanoTime();

  Attempt(
      Forwarding forwarding,
      Upstream upstream,
      RequestHead head,
      Content.@Nullable Source content,
      TimeLimits limits) {
    this.forwarding = forwarding;
    this.mayRepeat = content == null && IDEMPOTENT.contains(head.method());
    this.call = upstream.call(head, content, limits, this);
  }

  void send() {
    call.send();
  }

  void abort(Throwable cause) {
    call.abort(cause);
  }

  @Override
  public void interim(int status, HttpFields fields) {
    forwarding.interim(status, fields);
  }

  @Override
  public boolean asksToSwitch() {
    return forwarding.asksToSwitch();
  }

  @Override
  public void switched(HttpFields fields, EndPoint connection) {
    forwarding.switched(fields, connection, System.nanoTime() - startNanos);
  }

  @Override
  public void answered(int status, HttpFields fields, Content.Source content) {
    forwarding.answered(status, fields, content, System.nanoTime() - startNanos);
  }

  @Override
  public void over(@Nullable Throwable failure) {
    if (failure instanceof StaleConnectionException stale && (mayRepeat || stale.isUnsent())) {
      // Each time uses up a connection that had served before, so this comes to an end.
      forwarding.attempt();
      return;
    }
    if (failure != null) {
      forwarding.failed(failure);
    }
    forwarding.over();
  }
}
