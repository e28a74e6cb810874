package io.sluice.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Plays one case against a gateway: the case, then a plain request on the same connection while
 * that is open, then one on a new connection. Those two must get their own answers and no other.
 */
final class Trial {

  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final long LONGEST_MILLIS = 3_000;

  private final Case tried;
  private final InetSocketAddress target;
  private final Recorder recorder;
  private final List<Received> received = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  private Trial(Case tried, InetSocketAddress target, Recorder recorder) {
    this.tried = tried;
    this.target = target;
    this.recorder = recorder;
  }

  /** Returns the violations. */
  static List<String> of(Case tried, InetSocketAddress target, Recorder recorder)
      throws IOException, InterruptedException {
    return new Trial(tried, target, recorder).run();
  }

  private List<String> run() throws IOException, InterruptedException {
    recorder.begin(tried);
    try (Talk talk = new Talk(target)) {
      talk.send(tried.request());
      String ending = tried.one("then", "keep");
      if (tried.isAnswerCase() || ending.equals("keep")) {
        converse(talk);
      } else if (ending.equals("close")) {
        talk.endSending();
        converse(talk);
      } else {
        await(() -> !recorder.seen().isEmpty());
        talk.reset();
      }
    }
    // Before the next request, so that whatever is left over shows as its answer.
    awaitEnds();
    try (Talk talk = new Talk(target)) {
      checkOwn(talk, "a new connection", true);
    }
    faults.addAll(new Judge(tried, received, recorder.seen()).violations());
    return faults;
  }

  private void converse(Talk talk) throws IOException, InterruptedException {
    boolean toHead = new String(tried.request().get(0), ISO_8859_1).startsWith("HEAD ");
    Received last = talk.read(toHead);
    received.add(last);
    int expected = Judge.groups(tried).size();
    while (goesOn(last) && received.size() < expected) {
      last = talk.read(false);
      received.add(last);
    }
    if (!goesOn(last)) {
      checkSilence(talk, last);
      require(!tried.has("keeps"), "the connection does not persist");
    } else if (!tried.has("follow-up") && mayFollow()) {
      awaitPlayed();
      checkOwn(talk, "the same connection", tried.has("keeps"));
    }
  }

  /** Octets that come too early for the next request must have come. */
  private void awaitPlayed() throws InterruptedException {
    if (tried.answer().size() > 1) {
      await(recorder::hasPlayed);
      TimeUnit.MILLISECONDS.sleep(Case.PAUSE_MILLIS);
    }
  }

  private boolean mayFollow() {
    return tried.isAnswerCase() || tried.one("then", "keep").equals("keep");
  }

  private static boolean goesOn(Received last) {
    return last.kind() == Received.Kind.WHOLE && last.head() != null && !last.head().says("close");
  }

  /** After the last answer nothing more may come. */
  private void checkSilence(Talk talk, Received last) {
    if (last.kind() == Received.Kind.WHOLE) {
      String rest = talk.rest();
      require(rest != null, "the connection is not closed, though the answer says so");
      require(rest == null || rest.isEmpty(), "octets after the last answer: " + rest);
    }
  }

  /** Sends a plain request; it must get its own answer, or find the connection ended. */
  private void checkOwn(Talk talk, String where, boolean must) throws InterruptedException {
    String own = Recorder.OWN + NUMBER.incrementAndGet();
    talk.send("GET " + own + " HTTP/1.1\r\nHost: own\r\n\r\n");
    Received answer = talk.read(false);
    boolean ended = answer.kind() == Received.Kind.CLOSED && !must;
    boolean right = answer.word().equals("200") && answer.body().equals("GET " + own + " 0");
    require(ended || right, "a plain request on " + where + " got: " + answer);
  }

  /** What was broken off must be broken off at the upstream too, and not much later. */
  private void awaitEnds() throws InterruptedException {
    for (Seen seen : recorder.seen()) {
      await(seen::hasEnded);
      require(
          seen.hasEnded(),
          "the upstream still waits for: " + seen.head().startLine() + "; " + received);
    }
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      faults.add(Octets.shown(otherwise));
    }
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);
    while (!condition.holds() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }
}
