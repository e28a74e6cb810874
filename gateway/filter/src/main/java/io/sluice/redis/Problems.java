package io.sluice.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletionException;

/** Says what is wrong with a Redis: what, where, and the remedy, in one line without secrets. */
final class Problems {

  private final String target;

  Problems(RedisSettings settings) {
    this.target = settings.toString();
  }

  /** Returns why a connection could not be made. */
  RedisUnavailableException ofDialling(Throwable failure) {
    Throwable root = root(failure);
    if (root instanceof RedisUnavailableException told) {
      return told; // It never came to dialling, and what kept it from that has been said.
    }
    return new RedisUnavailableException(dialling(root), root);
  }

  private String dialling(Throwable root) {
    String text = text(root);
    if (root instanceof UnknownHostException) {
      return "%s: no address is known for the host; correct redis.host".formatted(target);
    }
    if (root instanceof RedisCommandExecutionException) {
      return answer(text);
    }
    if (root instanceof RedisCommandTimeoutException) {
      return "%s accepts connections but does not answer within %d ms; it hangs, or is no Redis"
          .formatted(target, LettuceShape.HANDSHAKE_TIMEOUT.toMillis());
    }
    if (root instanceof ConnectException) {
      return "%s cannot be reached (%s); start Redis or correct redis.host and redis.port"
          .formatted(target, text.contains("refused") ? "connection refused" : text);
    }
    if (root instanceof ClosedChannelException
        || (root instanceof RedisConnectionException && text.contains("prematurely"))) {
      return "%s closes connections at once; it is shutting down, full, or no Redis"
          .formatted(target);
    }
    return "%s does not answer as Redis does (%s); correct redis.host and redis.port"
        .formatted(target, text);
  }

  /** Returns what an answer of error type means. */
  RedisUnavailableException ofAnswer(RedisCommandExecutionException error) {
    return new RedisUnavailableException(answer(text(error)), error);
  }

  RedisUnavailableException ofSilence(long millis) {
    return problem("%s did not answer within %d ms".formatted(target, millis));
  }

  RedisUnavailableException ofHang(long millis) {
    return problem("%s has answered nothing for %d ms; connecting anew".formatted(target, millis));
  }

  RedisUnavailableException ofLoss() {
    return problem(target + " closed the connection; see whether Redis still runs");
  }

  RedisUnavailableException ofStart() {
    return problem(target + " is not connected yet");
  }

  /** Returns why a command was not answered, in cases that have no case of their own. */
  RedisUnavailableException ofFailure(Throwable failure) {
    return new RedisUnavailableException(target + ": " + text(root(failure)), failure);
  }

  private static RedisUnavailableException problem(String text) {
    return new RedisUnavailableException(text, null);
  }

  private String answer(String error) {
    return "%s answers: %s; %s".formatted(target, error, remedy(error));
  }

  private static String remedy(String error) {
    String code = error.split(" ", 2)[0];
    return switch (code) {
      case "WRONGPASS", "NOAUTH" -> "correct redis.username and redis.password (REDIS_PASSWORD)";
      case "NOPERM" -> "grant the user the commands and keys of docker/redis";
      case "OOM" -> "raise its maxmemory, or set maxmemory-policy volatile-ttl";
      case "LOADING" -> "it will be ready when it has read its data";
      case "READONLY" -> "it is a replica; point redis.host to the master";
      case "CLUSTERDOWN" ->
          "slots have no master; see CLUSTER NODES, or set cluster-require-full-coverage no";
      case "MOVED", "ASK", "CROSSSLOT" -> "it is a node of a cluster; set redis.cluster.nodes";
      case "TRYAGAIN" -> "a slot is being moved; see whether the resharding hangs";
      case "MISCONF" -> "it refuses to write; see its own log";
      case "BUSY" -> "a script blocks it; see SCRIPT KILL";
      case "ERR" -> remedyOfGeneralError(error);
      default -> "see its own log";
    };
  }

  private static String remedyOfGeneralError(String error) {
    if (error.contains("DB index") || error.contains("SELECT is not allowed")) {
      return "correct redis.database (REDIS_DB)";
    }
    if (error.contains("cluster support disabled")) {
      return "it is no node of a cluster; set redis.host instead of redis.cluster.nodes";
    }
    if (error.contains("without any password configured")) {
      return "remove redis.password, or give Redis one";
    }
    return error.contains("max number of clients") ? "raise its maxclients" : "see its own log";
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null
        && (root instanceof CompletionException || root instanceof RedisConnectionException)) {
      root = root.getCause();
    }
    return root;
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    return oneLine(message == null ? failure.getClass().getSimpleName() : message);
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() <= 200 ? line : line.substring(0, 200) + "...";
  }
}
