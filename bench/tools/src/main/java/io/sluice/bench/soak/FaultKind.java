package io.sluice.bench.soak;

import io.sluice.fixtures.FaultRelay;
import io.sluice.fixtures.FaultRelay.Direction;
import io.sluice.fixtures.LocalRedis;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A way in which Redis, or the way to it, fails: how it is brought about and how it is undone. What
 * befalls Redis befalls all gateways; what befalls the way may befall one of them.
 */
@SuppressWarnings("ImmutableEnumChecker") // deeds are lambdas over texts and numbers only
enum FaultKind {
  KILLED("killed, back empty", redis(LocalRedis::kill), redis(LocalRedis::restart)),
  HUNG("hung (SIGSTOP)", redis(LocalRedis::pause), redis(LocalRedis::resume)),
  PAUSED("CLIENT PAUSE", FaultKind::pauseClients, command("PING")),
  READONLY(
      "READONLY (a replica now)", command("REPLICAOF 127.0.0.1 1"), command("REPLICAOF NO ONE")),
  FULL(
      "OOM under noeviction", command("CONFIG SET maxmemory 1"), command("CONFIG SET maxmemory 0")),
  NOPERM(
      "NOPERM (ACL SETUSER)",
      command("ACL SETUSER " + Scene.USER + " -evalsha -eval"),
      command("ACL SETUSER " + Scene.USER + " +evalsha +eval")),
  FLUSHED("FLUSHALL", command("FLUSHALL"), FaultKind::nothing),
  NOSCRIPT("SCRIPT FLUSH", command("SCRIPT FLUSH"), FaultKind::nothing),
  CUT("CLIENT KILL", command("CLIENT KILL TYPE normal SKIPME yes"), FaultKind::nothing),
  SLOW(
      "answers 200 ms late",
      way(relay -> relay.delay(Direction.TO_CLIENT, Duration.ofMillis(200))),
      way(FaultRelay::pass)),
  REFUSED("connections reset and refused", FaultKind::refuse, way(FaultRelay::pass)),
  BLACKHOLE("black hole", FaultKind::swallow, way(FaultRelay::pass)),
  HALFOPEN("half-open connections", way(FaultRelay::abandon), FaultKind::nothing),
  RESET("reset within a reply", way(relay -> relay.resetAfter(7)), way(FaultRelay::pass));

  /** Something done at the scene. */
  private interface Deed {

    /**
     * Does it.
     *
     * @param relays the ways of the gateways that it befalls
     */
    void at(Scene scene, List<FaultRelay> relays, Fault fault);
  }

  private final String words;
  private final Deed begin;
  private final Deed end;

  FaultKind(String words, Deed begin, Deed end) {
    this.words = words;
    this.begin = begin;
    this.end = end;
  }

  String words() {
    return words;
  }

  /** Returns whether it is over in the instant in which it happens. */
  boolean isInstant() {
    return switch (this) {
      case FLUSHED, NOSCRIPT, CUT, HALFOPEN -> true;
      default -> false;
    };
  }

  /** Returns whether Redis loses what it holds. */
  boolean losesBuckets() {
    return this == KILLED || this == FLUSHED;
  }

  /** Returns whether it can befall one gateway alone. */
  boolean isOfTheWay() {
    return switch (this) {
      case SLOW, REFUSED, BLACKHOLE, HALFOPEN, RESET -> true;
      default -> false;
    };
  }

  /** Brings it about; returns when it is there. */
  void begin(Scene scene, Fault fault) {
    begin.at(scene, scene.relaysOf(fault), fault);
  }

  /** Undoes it; returns when Redis would answer. */
  void end(Scene scene, Fault fault) {
    end.at(scene, scene.relaysOf(fault), fault);
  }

  private static Deed redis(Consumer<LocalRedis> deed) {
    return (scene, relays, fault) -> deed.accept(scene.redis());
  }

  private static Deed command(String command) {
    return redis(redis -> accepted(redis, command));
  }

  private static Deed way(Consumer<FaultRelay> deed) {
    return (scene, relays, fault) -> relays.forEach(deed);
  }

  /** Redis takes no command until the time is over, so nothing could undo it earlier. */
  private static void pauseClients(Scene scene, List<FaultRelay> relays, Fault fault) {
    accepted(scene.redis(), "CLIENT PAUSE " + fault.millis() + " ALL");
  }

  private static void refuse(Scene scene, List<FaultRelay> relays, Fault fault) {
    relays.forEach(FaultRelay::refuse);
    relays.forEach(FaultRelay::reset);
  }

  /** What is sent on open connections is lost, and so is each attempt to connect. */
  private static void swallow(Scene scene, List<FaultRelay> relays, Fault fault) {
    relays.forEach(FaultRelay::blackHole);
    relays.forEach(FaultRelay::silence);
  }

  private static void nothing(Scene scene, List<FaultRelay> relays, Fault fault) {}

  private static void accepted(LocalRedis redis, String command) {
    String reply = redis.send(command.split(" ", -1));
    if (reply.startsWith("(error)")) {
      throw new IllegalStateException(command + ": " + reply);
    }
  }
}
