package io.sluice.upstream;

import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * An upstream that takes a connection for a request only when its content has come, or enough of
 * it: a client that does not send holds nothing but a little memory. Requests without content pass
 * straight through. Thread-safe.
 */
public final class PatientUpstream implements Upstream {

  private final Upstream upstream;
  private final UploadSettings settings;
  private final Budget budget;
  private final Watch watch;
  private final UploadGate gate;

  /**
   * Creates one in front of another.
   *
   * @param budget memory for content that is gathered
   * @param watch looks after slow clients; must be running while requests are
   */
  public PatientUpstream(Upstream upstream, UploadSettings settings, Budget budget, Watch watch) {
    this.upstream = upstream;
    this.settings = settings;
    this.budget = budget;
    this.watch = watch;
    this.gate = new UploadGate(settings.mostStreaming(), settings.mostWaiting());
  }

  @Override
  public void start() {
    upstream.start();
  }

  @Override
  public void stop() {
    upstream.stop();
  }

  @Override
  public void retire() {
    upstream.retire();
  }

  @Override
  public UpstreamStatus status() {
    return upstream.status();
  }

  @Override
  public boolean canSwitch() {
    return upstream.canSwitch();
  }

  @Override
  public int waiting() {
    return upstream.waiting();
  }

  @Override
  public Call call(
      RequestHead head,
      Content.@Nullable Source content,
      TimeLimits limits,
      CallListener listener) {
    return content == null
        ? upstream.call(head, null, limits, listener)
        : new Upload(this, head, content, limits, listener);
  }

  /**
   * Returns how much of a request may be gathered. Nothing of gRPC, where both sides talk by turns;
   * nor where the upstream is to be asked first whether it wants content.
   */
  int ahead(RequestHead head) {
    return isConversation(head) || head.fields().contains(HttpHeader.EXPECT) ? 0 : settings.ahead();
  }

  /** Returns whether a client may rightly be silent in the middle of its content. */
  static boolean isConversation(RequestHead head) {
    String type = head.fields().get(HttpHeader.CONTENT_TYPE);
    return type != null && type.toLowerCase(Locale.ROOT).startsWith("application/grpc");
  }

  Upstream upstream() {
    return upstream;
  }

  UploadSettings settings() {
    return settings;
  }

  Budget budget() {
    return budget;
  }

  Watch watch() {
    return watch;
  }

  UploadGate gate() {
    return gate;
  }
}
