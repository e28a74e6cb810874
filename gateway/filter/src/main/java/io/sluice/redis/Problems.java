package io.sluice.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletionException;

/** Says what is wrong with a Redis: what, where, and the remedy, in one line without secrets. */
final class Problems {

  private static final String RIGHTS =
      "grant the user the commands and keys of docker/redis/users.acl";

  private final String target;
  private final Origin origin;
  private final boolean secure;
  private final String login;

  Problems(RedisSettings settings) {
    this(settings, settings.toString(), Origin.of(settings.topology()), login(settings));
  }

  /**
   * Creates those of one server or Sentinel.
   *
   * @param target what it is, for people
   * @param origin who gave its address
   * @param login what says as whom to log in
   */
  private Problems(RedisSettings settings, String target, Origin origin, String login) {
    this.target = target;
    this.origin = origin;
    this.secure = settings.tls() != null;
    this.login = login;
  }

  /** Returns those of a Sentinel. */
  static Problems ofSentinel(RedisSettings settings, RedisAddress address, RedisLogin login) {
    return new Problems(
        settings,
        "Sentinel " + address,
        Origin.SENTINEL,
        login.passwordFile() == null
            ? "redis.sentinel.username and redis.sentinel.password"
            : "redis.sentinel.username and what redis.sentinel.password-file holds");
  }

  /** Returns those of the server that the Sentinels name. */
  static Problems ofMaster(RedisSettings settings, RedisAddress address, String master) {
    return new Problems(
        settings,
        "%s, named as master of %s,".formatted(address, master),
        Origin.MASTER,
        login(settings));
  }

  private static String login(RedisSettings settings) {
    return settings.login().passwordFile() == null
        ? "redis.username and redis.password (REDIS_PASSWORD)"
        : "redis.username and what redis.password-file holds";
  }

  /** Returns why a connection could not be made. */
  RedisUnavailableException ofDialling(Throwable failure) {
    Throwable root = root(failure);
    if (root instanceof RedisUnavailableException told) {
      return told; // It never came to dialling, and what kept it from that has been said.
    }
    String handshake = TlsProblems.of(failure, origin);
    return new RedisUnavailableException(
        handshake == null ? dialling(root) : target + ' ' + handshake, root);
  }

  private String dialling(Throwable root) {
    String text = text(root);
    if (root instanceof UnknownHostException) {
      return "%s: no address is known for the host; correct %s".formatted(target, origin.host());
    }
    if (root instanceof FileNotFoundException) {
      return "%s: there is no such socket; see unixsocket in redis.conf, or correct redis.socket"
          .formatted(target);
    }
    if (root instanceof RedisCommandExecutionException) {
      return answer(text);
    }
    if (root instanceof RedisCommandTimeoutException) {
      return "%s accepts connections but does not answer within %d ms; it hangs, or is no Redis"
          .formatted(target, LettuceShape.HANDSHAKE_TIMEOUT.toMillis());
    }
    if (text.contains("ermission denied")) {
      return "%s: the gateway's user may not connect to it; see unixsocketperm in redis.conf"
          .formatted(target);
    }
    if (root instanceof ConnectException) {
      return "%s cannot be reached (%s); start %s or correct %s"
          .formatted(
              target,
              text.contains("refused") ? "connection refused" : text,
              origin == Origin.SENTINEL ? "it" : "Redis",
              origin.keys());
    }
    if (root instanceof ClosedChannelException
        || text.contains("reset by peer")
        || (root instanceof RedisConnectionException && text.contains("prematurely"))) {
      return "%s closes connections at once; it is shutting down, full, or no Redis%s"
          .formatted(target, secure ? "" : ", or speaks TLS only: set redis.tls.enabled");
    }
    return "%s does not answer as Redis does (%s); correct %s"
        .formatted(target, text, origin.keys());
  }

  /** Returns what an answer of error type means. */
  RedisUnavailableException ofAnswer(RedisCommandExecutionException error) {
    return new RedisUnavailableException(answer(text(error)), error);
  }

  /** Returns what to do about an answer of error type. */
  String remedyOf(RedisCommandExecutionException error) {
    return remedy(ErrorReply.of(text(error)));
  }

  RedisUnavailableException ofSilence(long millis) {
    return problem("%s did not answer within %d ms".formatted(target, millis));
  }

  RedisUnavailableException ofHang(long millis) {
    return problem("%s has answered nothing for %d ms; connecting anew".formatted(target, millis));
  }

  RedisUnavailableException ofLoss() {
    return problem(loss());
  }

  RedisUnavailableException ofNonsense() {
    return problem(target + " gave an answer to another question; connecting anew");
  }

  RedisUnavailableException ofStart() {
    return problem(target + " is not connected yet");
  }

  /** Returns why a command was not answered, in cases that have no case of their own. */
  RedisUnavailableException ofFailure(Throwable failure) {
    return new RedisUnavailableException(
        isLoss(failure) ? loss() : target + ": " + text(root(failure)), failure);
  }

  /** Lettuce has no type for a command that meets a connection that has just been lost. */
  private static boolean isLoss(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      String text = text(t);
      if (t instanceof IOException
          || text.startsWith("Connection ")
          || text.startsWith("Currently not connected")) {
        return true;
      }
    }
    return false;
  }

  private String loss() {
    return target + " closed the connection; see whether Redis still runs";
  }

  private static RedisUnavailableException problem(String text) {
    return new RedisUnavailableException(text, null);
  }

  private String answer(String text) {
    ErrorReply error = ErrorReply.of(text);
    return "%s answers: %s; %s".formatted(target, brief(error), remedy(error));
  }

  private static String brief(ErrorReply error) {
    return error.text().startsWith("NOAUTH HELLO")
        ? "NOAUTH Authentication required." // What it goes on to say is for clients' authors.
        : error.text();
  }

  private String remedy(ErrorReply error) {
    return switch (error.code()) {
      case "WRONGPASS", "NOAUTH" -> "correct " + login;
      case "NOPERM" -> origin == Origin.SENTINEL ? SentinelProblems.RIGHTS : RIGHTS;
      case "OOM" -> "raise its maxmemory, or set maxmemory-policy volatile-ttl";
      case "LOADING" -> "it will be ready when it has read its data";
      case "READONLY", "MASTERDOWN" -> "it is a replica; " + origin.replica();
      case "CLUSTERDOWN" ->
          "slots have no master; see CLUSTER NODES, or set cluster-require-full-coverage no";
      case "MOVED", "ASK", "CROSSSLOT" ->
          origin == Origin.NODE
              ? "nodes disagree who serves the slot; see CLUSTER NODES"
              : "it is a node of a cluster; name it in redis.cluster.nodes";
      case "TRYAGAIN" -> "a slot is being moved; see whether the resharding hangs";
      case "NOREPLICAS" -> "fewer replicas keep up than its min-replicas-to-write; see them";
      case "MISCONF" -> "it refuses to write; see its own log";
      case "BUSY" -> "a script blocks it; see SCRIPT KILL";
      case "ERR" -> remedyOfGeneralError(error.text());
      default -> "see its own log";
    };
  }

  private String remedyOfGeneralError(String error) {
    // Redis before 7.2 says so in scripts, where NOPERM is meant.
    if (error.contains("ACL failure in script") || error.contains("user executing the script")) {
      return RIGHTS;
    }
    if (error.contains("DB index") || error.contains("SELECT is not allowed")) {
      return "correct redis.database (REDIS_DB)";
    }
    if (error.contains("cluster support disabled")) {
      return "it is no node of a cluster; set redis.host instead of redis.cluster.nodes";
    }
    if (error.contains("without any password configured")) {
      return "take the password out of %s, or give it one".formatted(login);
    }
    if (error.contains("unknown command 'SENTINEL'")) {
      return "it is no Sentinel; correct " + origin.keys();
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
