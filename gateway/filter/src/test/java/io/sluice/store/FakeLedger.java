package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.policy.Bandwidth;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes down what is debited, and answers as the test says. Thread-safe. */
final class FakeLedger implements Ledger {

  /** What was debited, looks for lost buckets included as nothing. */
  final Map<BucketKey, Long> debited = new ConcurrentHashMap<>();

  final AtomicInteger calls = new AtomicInteger();

  private final Queue<CompletableFuture<Debit>> waiting = new ConcurrentLinkedQueue<>();
  private volatile boolean silent;
  private volatile Debit answer = Debit.done(0, 0);

  /** From now on answers wait for {@link #answer}. */
  void beSilent() {
    silent = true;
  }

  void answerWith(Debit debit) {
    answer = debit;
  }

  int waiting() {
    return waiting.size();
  }

  /** Answers all who wait now; those who come meanwhile wait in their turn. */
  void answer() {
    for (int left = waiting.size(); left > 0; left--) {
      CompletableFuture<Debit> first = waiting.poll();
      if (first != null) {
        first.complete(answer);
      }
    }
  }

  @Override
  public CompletionStage<Debit> debit(BucketKey key, Bandwidth bandwidth, long tokens) {
    calls.incrementAndGet();
    if (answer.outcome() != Debit.Outcome.NOT_DONE) {
      debited.merge(key, tokens, Long::sum);
    }
    CompletableFuture<Debit> reply = new CompletableFuture<>();
    if (silent) {
      waiting.add(reply);
    } else {
      reply.complete(answer);
    }
    return reply;
  }
}
