package io.sluice.upstream;

import java.net.ProtocolException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * Hears of one call: some interim answers, then at most one answer, then once that it is over. Told
 * one after the other, on threads that carry traffic: must not block.
 */
public interface CallListener {

  /**
   * How many interim answers a call may have; one more is a failure. They are held for slow clients
   * and keep a thread busy, so there is an end.
   */
  int MOST_INTERIMS = 32;

  /**
   * Counts one more interim answer of a call.
   *
   * @param before how many there were
   * @return how many there are
   * @throws ProtocolException when that is one too many
   */
  static int oneMoreInterim(int before) throws ProtocolException {
    if (before == MOST_INTERIMS) {
      throw new ProtocolException("the upstream sends interim answers without end");
    }
    return before + 1;
  }

  /**
   * Returns whether the request asks for another protocol (RFC 9110, section 7.8), so that 101 is
   * an answer to it. Where this is false, a 101 does not follow HTTP.
   */
  default boolean asksToSwitch() {
    return false;
  }

  /** A 1xx answer has come; the final one is still awaited. Never 101. */
  default void interim(int status, HttpFields fields) {}

  /**
   * The upstream switches protocols, instead of an answer. Unless the call is aborted now, it is
   * over next; if that is without failure, the connection belongs to the listener, who has to close
   * it: {@link EndPoint#upgrade} hands it on, with the octets that came behind the head.
   */
  default void switched(HttpFields fields, EndPoint connection) {}

  /**
   * The head of the answer has come.
   *
   * @param fields the fields as they were sent, those of the connection among them
   * @param content the content, without its framing; to be read to its end or failed. Trailers, if
   *     any, come as a {@link org.eclipse.jetty.http.Trailers} chunk
   */
  void answered(int status, HttpFields fields, Content.Source content);

  /**
   * The upstream's side is over, and its connection is back in the pool or closed.
   *
   * @param failure null when the whole answer has come; {@link
   *     java.util.concurrent.RejectedExecutionException} when no connection was free in time,
   *     {@link java.net.SocketTimeoutException} when none could be opened in time, {@link
   *     java.util.concurrent.TimeoutException} when the upstream was silent too long, {@link
   *     java.net.ProtocolException} when its answer does not follow HTTP, {@link
   *     StaleConnectionException} when the request may have met a connection that was closing
   */
  void over(@Nullable Throwable failure);
}
