package io.sluice.store;

import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One request on its way through {@link GroupCommit}. Owned by one thread at a time. */
final class Take {

  private final List<Draw> draws;
  private final Terms[] terms;
  private final long since;
  private final CompletableFuture<List<Verdict>> answer = new CompletableFuture<>();
  private final Slot[] slots;

  private boolean charged;
  private int attempts;
  private @Nullable List<Verdict> verdicts;
  private @Nullable Throwable failure;

  Take(List<Draw> draws, Terms[] terms, long since) {
    this.draws = draws;
    this.terms = terms;
    this.since = since;
    this.slots = new Slot[terms.length];
  }

  List<Draw> draws() {
    return draws;
  }

  Terms terms(int draw) {
    return terms[draw];
  }

  /** Returns when it was submitted, in nanoseconds of the process' elapsed time. */
  long since() {
    return since;
  }

  CompletableFuture<List<Verdict>> answer() {
    return answer;
  }

  /** Returns the slots of its buckets in the batch that it is part of, in the order of draws. */
  Slot[] slots() {
    return slots;
  }

  /** Returns whether it is charged in the batch that it is part of. */
  boolean charged() {
    return charged;
  }

  void charged(boolean charged) {
    this.charged = charged;
  }

  /** Counts another round and returns how many there were. */
  int again() {
    return ++attempts;
  }

  boolean isDecided() {
    return verdicts != null || failure != null;
  }

  void decide(List<Verdict> verdicts) {
    this.verdicts = verdicts;
  }

  void fail(Throwable failure) {
    this.failure = failure;
  }

  /** Tells who waits; runs whatever they have attached. */
  void finish() {
    if (verdicts != null) {
      answer.complete(verdicts);
    } else if (failure != null) {
      answer.completeExceptionally(failure);
    }
  }
}
