package io.sluice.proxy;

import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Response;

/**
 * Writes 1xx answers to one client, one after the other and all of them before the final answer
 * (RFC 9110, section 15.2). Nothing becomes of a failure here: a client that cannot be written to
 * shows itself when the final answer is. Made for those few requests that need it. Thread-safe.
 */
final class Interims {

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final Response client;
  private final Queue<Supplier<CompletableFuture<Void>>> steps = new ConcurrentLinkedQueue<>();
  private final AtomicInteger undone = new AtomicInteger();

  Interims(ServletContextRequest request) {
    this.client = request.getServletContextResponse().getWrapped();
  }

  /** Returns whether the client knows such answers: with HTTP/1.0 it does not. */
  static boolean areKnownTo(ServletContextRequest request) {
    return request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_0;
  }

  /** Passes on what the upstream says, less what belongs to its connection. */
  void pass(int status, HttpFields fields) {
    HttpFields passed = passed(fields);
    then(() -> client.writeInterim(status, passed));
  }

  /** Asks for the content, unless it has come unasked or the final answer has begun. */
  void askForContent() {
    then(() -> client.writeInterim(HttpStatus.CONTINUE_100, HttpFields.EMPTY));
  }

  /** Runs a step when all that was to be written before it is. */
  void after(Runnable step) {
    then(() -> {
      step.run();
      return DONE;
    });
  }

  private void then(Supplier<CompletableFuture<Void>> step) {
    steps.add(step);
    if (undone.getAndIncrement() == 0) {
      run();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what is due after a write is due if it failed too
  private void run() {
    do {
      CompletableFuture<Void> written = take(steps.remove());
      if (!written.isDone()) {
        written.whenComplete((nothing, failure) -> {
          if (undone.decrementAndGet() > 0) {
            run();
          }
        });
        return;
      }
    } while (undone.decrementAndGet() > 0);
  }

  private static CompletableFuture<Void> take(Supplier<CompletableFuture<Void>> step) {
    try {
      return step.get();
    } catch (IllegalStateException over) {
      // The exchange has ended meanwhile.
      return CompletableFuture.failedFuture(over);
    }
  }

  /** A length would announce content, which there is none of. */
  private static HttpFields passed(HttpFields fields) {
    Set<String> hop = HopByHop.in(fields);
    HttpFields.Mutable passed = HttpFields.build();
    for (HttpField field : fields) {
      String name = field.getLowerCaseName();
      if (!hop.contains(name)
          && !AnswerFields.isOurs(name)
          && field.getHeader() != HttpHeader.CONTENT_LENGTH) {
        passed.add(field);
      }
    }
    return passed;
  }
}
