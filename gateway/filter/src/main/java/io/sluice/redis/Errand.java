package io.sluice.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One command on its way to whoever serves its slot. It goes on only from a node that has said it
 * has not carried it out; whatever else happens to it ends it, so it is carried out once at most.
 * For one thread at a time.
 */
final class Errand {

  private static final int MOST_REDIRECTS = 5;
  private static final int MOST_WAITS = 64;
  private static final int MOST_RETRIES = 4;
  private static final long LONGEST_PAUSE_MILLIS = 10;

  /** Sends the command. */
  interface Command {

    /**
     * Sends it over a link.
     *
     * @param asking whether the node serves the slot only for those who ask for it
     */
    CompletionStage<Object> over(LettuceLink link, boolean asking);
  }

  private final ClusterTopology topology;
  private final int slot;
  private final Command command;
  private final CompletableFuture<Object> answer = new CompletableFuture<>();
  private int redirects;
  private int retries;
  private int waits;

  Errand(ClusterTopology topology, int slot, Command command) {
    this.topology = topology;
    this.slot = slot;
    this.command = command;
  }

  /** Sends the command to the owner of its slot. */
  CompletionStage<Object> start() {
    go(topology.owner(slot), false);
    return answer;
  }

  private void go(@Nullable ClusterNode node, boolean asking) {
    if (node == null) {
      answer.completeExceptionally(topology.unserved(slot));
      return;
    }
    if (redirects > 0 && !node.link().isUp() && mayWait()) {
      later(() -> go(node, asking)); // Its first command has made us dial it.
      return;
    }
    command
        .over(node.lettuce(), asking)
        .whenComplete((reply, failure) -> {
          if (failure == null) {
            answer.complete(reply);
          } else {
            failed(node, failure instanceof CompletionException e ? cause(e) : failure);
          }
        });
  }

  private void failed(ClusterNode node, Throwable failure) {
    Redirect redirect = Redirect.of(failure, node.address());
    RedisAddress target = redirect == null ? null : redirect.target();
    if (redirect == null) {
      topology.noteFailure(failure);
      answer.completeExceptionally(failure);
    } else if (target == null || target.equals(node.address())) {
      if (redirect.kind() != Redirect.Kind.TRYAGAIN) {
        topology.soon(); // It cannot name the way; the reply to CLUSTER SLOTS may.
      }
      tryAgain(failure);
    } else if (++redirects > MOST_REDIRECTS) {
      answer.completeExceptionally(failure);
    } else if (redirect.kind() == Redirect.Kind.MOVED) {
      go(topology.moved(slot, target), false);
    } else {
      go(topology.node(target), true);
    }
  }

  private void tryAgain(Throwable failure) {
    if (++retries <= MOST_RETRIES && mayWait()) {
      redirects = 0;
      later(() -> go(topology.owner(slot), false));
    } else {
      answer.completeExceptionally(failure);
    }
  }

  private boolean mayWait() {
    return ++waits <= MOST_WAITS;
  }

  private void later(Runnable step) {
    if (!topology.later(step, Math.min(waits, LONGEST_PAUSE_MILLIS))) {
      answer.completeExceptionally(topology.unserved(slot));
    }
  }

  private static Throwable cause(CompletionException wrapper) {
    Throwable cause = wrapper.getCause();
    return cause == null ? wrapper : cause;
  }
}
