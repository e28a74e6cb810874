package io.sluice.filter;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What becomes of the content of a request that was answered without reading it. On HTTP/1 the next
 * request follows that content on the same connection (RFC 9112, section 9.3): so a little is read
 * away after the answer and the connection lives on; for more, or an amount unknown, the answer
 * says that the connection closes, so that no client sends its next request into a closing one.
 */
final class Leftover {

  private static final long MOST_OCTETS = 64 * 1024;
  private static final long MOST_MILLIS = 5_000;

  private Leftover() {}

  /** Tells the client that the connection will close, where it will; before the answer begins. */
  static void announce(HttpServletRequest request, HttpServletResponse response) {
    if (isHttp1(request) && hasContent(request) && !isSmall(request)) {
      response.setHeader("Connection", "close");
    }
  }

  /** Returns whether the content should be read away after the answer. */
  static boolean isReadAway(HttpServletRequest request) {
    return isHttp1(request)
        && isSmall(request)
        && request.isAsyncSupported()
        && !request.isAsyncStarted();
  }

  /** Writes the content of an answer, then reads the request's away; holds no thread for either. */
  static void afterAnswer(HttpServletRequest request, HttpServletResponse response, byte[] answer)
      throws IOException {
    response.setContentLength(answer.length);
    AsyncContext async = request.startAsync(request, response);
    async.setTimeout(MOST_MILLIS);
    ServletOutputStream out = response.getOutputStream();
    Exit exit = new Exit(async, out, answer, request.getInputStream());
    async.addListener(exit);
    out.setWriteListener(exit);
  }

  private static boolean isHttp1(HttpServletRequest request) {
    return request.getProtocol().startsWith("HTTP/1");
  }

  private static boolean hasContent(HttpServletRequest request) {
    return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
  }

  /** A client that waits for 100 (Continue) does not send its content after another answer. */
  private static boolean isSmall(HttpServletRequest request) {
    long length = request.getContentLengthLong();
    return length > 0 && length <= MOST_OCTETS && request.getHeader("Expect") == null;
  }

  /** The way out of one exchange; called by one thread of the container after the other. */
  private static final class Exit implements WriteListener, ReadListener, AsyncListener {

    private final AsyncContext async;
    private final ServletOutputStream out;
    private final byte[] answer;
    private final ServletInputStream content;
    private final AtomicBoolean completed = new AtomicBoolean();
    private final byte[] nowhere = new byte[4096];
    private boolean written;
    private boolean reading;

    Exit(AsyncContext async, ServletOutputStream out, byte[] answer, ServletInputStream content) {
      this.async = async;
      this.out = out;
      this.answer = answer;
      this.content = content;
    }

    @Override
    public void onWritePossible() throws IOException {
      if (!written) {
        written = true;
        out.write(answer);
      }
      if (out.isReady() && !reading) {
        reading = true;
        content.setReadListener(this);
      }
    }

    @Override
    public void onDataAvailable() throws IOException {
      while (content.isReady() && !content.isFinished()) {
        if (content.read(nowhere) < 0) {
          return;
        }
      }
    }

    @Override
    public void onAllDataRead() {
      complete();
    }

    @Override
    public void onError(Throwable failure) {
      complete();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      complete();
    }

    @Override
    public void onError(AsyncEvent event) {
      complete();
    }

    @Override
    public void onComplete(AsyncEvent event) {
      completed.set(true);
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      // a later cycle is its starter's
    }

    private void complete() {
      if (completed.compareAndSet(false, true)) {
        async.complete();
      }
    }
  }
}
