package io.sluice.sample;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Server-Sent Events (WHATWG HTML, section 9.2), each on a thread of its own, so of a bounded
 * number. Thread-safe.
 */
final class EventStreams {

  private static final int MOST_STREAMS = 64;
  private static final int MOST_EVENTS = 10_000;
  private static final int MOST_WAITING = 100;
  private static final long EVENT_MILLIS = 250;
  private static final long COMMENT_SECONDS = 10;

  /** Writes a stream until it ends or its client has gone. */
  private interface Script {
    void play(OutputStream out) throws IOException, InterruptedException;
  }

  private final ChatRoom room;
  private final Semaphore streams = new Semaphore(MOST_STREAMS);

  EventStreams(ChatRoom room) {
    this.room = room;
  }

  /** Counts up to a number, four events a second. */
  void count(String count, Response response, Callback callback) {
    int events = count.matches("\\d{1,6}") ? Math.min(MOST_EVENTS, Integer.parseInt(count)) : 0;
    stream(
        response,
        callback,
        out -> {
          for (int i = 1; i <= events; i++) {
            if (i > 1) {
              TimeUnit.MILLISECONDS.sleep(EVENT_MILLIS);
            }
            write(out, "id: %d\ndata: {\"tick\":%d}\n\n".formatted(i, i));
          }
        });
  }

  /** Tells each message of the chat until the client leaves. */
  void live(Response response, Callback callback) {
    BlockingQueue<String> told = new ArrayBlockingQueue<>(MOST_WAITING);
    Consumer<String> listener = told::offer;
    stream(
        response,
        callback,
        out -> {
          room.join(listener);
          try {
            write(out, ": hello\n\n");
            while (true) {
              String message = told.poll(COMMENT_SECONDS, TimeUnit.SECONDS);
              write(out, message == null ? ": still here\n\n" : "data: " + message + "\n\n");
            }
          } finally {
            room.leave(listener);
          }
        });
  }

  private void stream(Response response, Callback callback, Script script) {
    if (!streams.tryAcquire()) {
      SampleRoutes.answer(response, callback, 503, Map.of("error", "too many event streams"));
      return;
    }
    try {
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
      response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
      script.play(Content.Sink.asOutputStream(response));
      callback.succeeded();
    } catch (IOException e) {
      callback.failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      callback.failed(e);
    } finally {
      streams.release();
    }
  }

  private static void write(OutputStream out, String event) throws IOException {
    out.write(event.getBytes(UTF_8));
    out.flush();
  }
}
