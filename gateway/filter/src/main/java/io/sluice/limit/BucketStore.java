package io.sluice.limit;

import io.sluice.policy.Bandwidth;
import io.sluice.policy.PolicyBook;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Where buckets live. A bucket that nobody has drawn from is full and need not exist.
 *
 * <p>Implementations are thread-safe, never block the caller, and complete their stages with {@link
 * StoreUnavailableException} when the store did not answer in time, or {@link
 * StoreOverloadedException} when it is healthy and has no room for another request.
 */
public interface BucketStore {

  /**
   * Takes the tokens of all draws, or none of them when any bucket lacks its tokens.
   *
   * @param draws what is wanted; each bucket is named once; not empty
   * @return one verdict for each draw, in the same order
   */
  CompletionStage<List<Verdict>> take(List<Draw> draws);

  /**
   * Looks: each verdict says what its bucket holds and whether it has the tokens wanted. Changes
   * and creates nothing.
   */
  CompletionStage<List<Verdict>> peek(List<Draw> draws);

  /**
   * Settles what an earlier take charged, once it is known what the request really cost.
   *
   * @param tokens charged in addition when positive, even below zero; given back when negative, up
   *     to the capacity
   */
  CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens);

  /**
   * Makes a bucket full again.
   *
   * @return whether there was one
   */
  CompletionStage<Boolean> reset(BucketKey key);

  /**
   * Prepares for the limits of a new book, just before it comes into force. Existing buckets take
   * on a changed bandwidth when they are next used, keeping what was spent: {@code remaining =
   * max(0, new capacity - spent)}.
   */
  default void adopt(PolicyBook book) {}
}
