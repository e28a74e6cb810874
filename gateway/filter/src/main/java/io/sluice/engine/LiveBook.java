package io.sluice.engine;

import io.sluice.config.BookReading;
import io.sluice.config.PolicyFolder;
import io.sluice.config.PolicyReader;
import io.sluice.config.Problem;
import io.sluice.config.ReadingContext;
import io.sluice.config.Snapshot;
import io.sluice.policy.PolicyBook;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policies in force. A reload reads the whole folder, makes a whole new book of it and swaps
 * one reference; when anything is wrong the book before stays in force. Thread-safe.
 */
public final class LiveBook implements Supplier<PolicyBook> {

  private static final Logger LOG = LoggerFactory.getLogger(LiveBook.class);

  private final Path folder;
  private final ReadingContext context;
  private final Consumer<PolicyBook> beforeSwap;
  private final Consumer<Reload> listener;
  private final InstantSource clock;
  private volatile PolicyBook book;
  private volatile Reload last;
  private String seen;

  /**
   * Reads the folder for the first time.
   *
   * @param beforeSwap prepares for each new book just before it comes into force
   * @param listener hears of each reload that read something new
   * @throws io.sluice.config.ConfigProblemsException with everything that is wrong
   */
  LiveBook(
      Path folder,
      ReadingContext context,
      Consumer<PolicyBook> beforeSwap,
      Consumer<Reload> listener,
      InstantSource clock) {
    this.folder = folder;
    this.context = context;
    this.beforeSwap = beforeSwap;
    this.listener = listener;
    this.clock = clock;
    Snapshot snapshot = PolicyFolder.snapshot(folder);
    BookReading reading = PolicyReader.book(snapshot, context);
    this.book = reading.orThrow();
    this.seen = snapshot.hash();
    this.last = new Reload(clock.instant(), true, true, reading.problems());
    beforeSwap.accept(book);
  }

  @Override
  public PolicyBook get() {
    return book;
  }

  /** Returns what came of the last reload that read something new. */
  public Reload last() {
    return last;
  }

  /**
   * Reads the folder again. Content that was read before is not judged again: the answer is what
   * was said of it then.
   */
  public synchronized Reload reload() {
    Snapshot snapshot = PolicyFolder.snapshot(folder);
    if (snapshot.hash().equals(seen)) {
      return new Reload(last.at(), last.accepted(), false, last.problems());
    }
    BookReading reading = PolicyReader.book(snapshot, context);
    reading.book().ifPresent(this::swap);
    seen = snapshot.hash();
    last = new Reload(clock.instant(), reading.book().isPresent(), true, reading.problems());
    tell(last);
    return last;
  }

  private void swap(PolicyBook next) {
    beforeSwap.accept(next);
    book = next;
  }

  private void tell(Reload reload) {
    if (reload.accepted()) {
      LOG.info(
          "policies reloaded: {} in force, revision {}", book.policies().size(), book.revision());
    } else {
      LOG.error("policies not reloaded, those before stay in force: {}", lines(reload.problems()));
    }
    listener.accept(reload);
  }

  private static String lines(List<Problem> problems) {
    return String.join(
        "; ", problems.stream().filter(Problem::isError).map(String::valueOf).toList());
  }
}
