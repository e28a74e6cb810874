package io.sluice.redis;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An answer by which a node of a cluster says that it has not carried a command out and where or
 * when to try again (Redis cluster specification, "Redirection and resharding"). Immutable.
 *
 * @param kind what to do
 * @param target whom to ask instead; null for {@link Kind#TRYAGAIN}, and where the cluster does not
 *     know where that one is
 */
record Redirect(Kind kind, @Nullable RedisAddress target) {

  /** What to do. */
  enum Kind {
    /** The slot belongs to another node from now on. */
    MOVED,
    /** The slot is being moved; its keys are at another node already. */
    ASK,
    /** The slot is being moved; some of the keys are here and some are there. */
    TRYAGAIN
  }

  /**
   * Returns the redirection in a failure; null where it is something else.
   *
   * @param answered who answered; a redirection without a host means the same host, and so does
   *     {@code ?}, of a node that should have told its host name and has none: nothing is better
   *     known
   */
  static @Nullable Redirect of(Throwable failure, RedisAddress answered) {
    if (!(failure instanceof RedisUnavailableException problem) || !problem.isRefusal()) {
      return null;
    }
    Throwable error = problem.getCause();
    String[] words = String.valueOf(error == null ? null : error.getMessage()).split(" ", -1);
    return switch (words[0].toUpperCase(Locale.ROOT)) {
      case "TRYAGAIN" -> new Redirect(Kind.TRYAGAIN, null);
      case "MOVED" -> to(Kind.MOVED, words, answered);
      case "ASK" -> to(Kind.ASK, words, answered);
      default -> null;
    };
  }

  private static @Nullable Redirect to(Kind kind, String[] words, RedisAddress answered) {
    if (words.length < 3) {
      return null;
    }
    int colon = words[2].lastIndexOf(':');
    try {
      String host = words[2].substring(0, Math.max(0, colon));
      int port = Integer.parseInt(words[2].substring(colon + 1));
      if (!RedisAddress.isPort(port)) {
        return new Redirect(kind, null);
      }
      boolean unnamed = host.isEmpty() || host.equals("?");
      return new Redirect(kind, new RedisAddress(unnamed ? answered.host() : host, port));
    } catch (NumberFormatException e) {
      return null; // Told on as the error it is.
    }
  }
}
