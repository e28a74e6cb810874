package io.sluice.corpus;

import java.util.ArrayList;
import java.util.List;

/** One request as the upstream saw it; filled while it arrives. Thread-safe. */
final class Seen {

  private final Head head;
  private final List<String> faults = new ArrayList<>();
  private String body = "";
  private boolean whole;
  private boolean ended;

  Seen(Head head) {
    this.head = head;
    faults.addAll(head.requestFaults());
  }

  Head head() {
    return head;
  }

  synchronized void whole(String content) {
    body = content;
    whole = true;
    ended = true;
  }

  synchronized void brokenOff(String partly, String why) {
    body = partly;
    ended = true;
    if (!why.isEmpty()) {
      faults.add(why);
    }
  }

  synchronized String body() {
    return body;
  }

  synchronized boolean isWhole() {
    return whole;
  }

  /** Returns whether nothing more of it can come. */
  synchronized boolean hasEnded() {
    return ended;
  }

  synchronized List<String> faults() {
    return List.copyOf(faults);
  }
}
