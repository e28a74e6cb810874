package io.sluice.redis;

import io.sluice.redis.SentinelWord.Awaited;
import io.sluice.redis.SentinelWord.Failed;
import io.sluice.redis.SentinelWord.Named;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who is master by the words of all Sentinels. Where they disagree the highest configuration epoch
 * is right: that is how Sentinels settle it among themselves, so one cut off with the old master
 * misleads nobody.
 *
 * <p>Nor does it when it is the only one left: what a lost Sentinel said last counts on, while as
 * many or more are lost as answer, and for ten seconds in any case. (A majority that has agreed on
 * something older by then was told to, by SENTINEL REMOVE and MONITOR.) A server that is about to
 * be promoted counts when it has said itself that it is master: promotions fail.
 *
 * <p>Belongs to one thread.
 */
final class SentinelWords {

  private static final long SETTLED = TimeUnit.SECONDS.toNanos(10);

  /** One Sentinel. */
  interface Voice {

    /** Returns what it says now. */
    SentinelWord word();

    /** Returns what it said last when it named a master; empty when it never did. */
    Optional<Named> last();

    /** Returns since when it has {@link Failed}, if it has. */
    long lostAt();
  }

  private final List<? extends Voice> posts;
  private final LongSupplier nanoTime;
  private @Nullable RedisAddress proven;

  /**
   * Creates those of some Sentinels.
   *
   * @param posts the Sentinels, which may become others later
   * @param nanoTime elapsed nanoseconds from any origin
   */
  SentinelWords(List<? extends Voice> posts, LongSupplier nanoTime) {
    this.posts = posts;
    this.nanoTime = nanoTime;
  }

  /** Returns the master; empty while no Sentinel that answers names any. */
  Optional<RedisAddress> master() {
    return newest()
        .map(named -> {
          RedisAddress next = named.next();
          return next != null && next.equals(proven) ? next : named.master();
        });
  }

  /** Returns the server that is being promoted and has not said yet that it is master. */
  Optional<RedisAddress> promised() {
    return newest().map(Named::next).filter(next -> !next.equals(proven));
  }

  /** A server that is being promoted has said that it is master. */
  void proven(RedisAddress next) {
    proven = next;
  }

  /** Forgets that a server was master once it is promised no more: it may be promoted again. */
  void heard() {
    if (newest().map(Named::next).isEmpty()) {
      proven = null;
    }
  }

  /** Returns whether each has been asked, and none names a master. */
  boolean isSilent() {
    return words().noneMatch(Awaited.class::isInstance) && newest().isEmpty();
  }

  /** Returns why they are silent: what one answers tells more than that another is not reached. */
  RedisUnavailableException silence() {
    List<RedisUnavailableException> all =
        words().filter(Failed.class::isInstance).map(word -> ((Failed) word).why()).toList();
    return all.stream().filter(RedisUnavailableException::isRefusal).findFirst().orElse(all.get(0));
  }

  private Optional<Named> newest() {
    List<Named> said = words().filter(Named.class::isInstance).map(Named.class::cast).toList();
    if (said.isEmpty()) {
      return Optional.empty();
    }
    boolean majority = said.size() * 2 > posts.size();
    long now = nanoTime.getAsLong();
    Stream<Named> before =
        posts.stream()
            .filter(post -> post.word() instanceof Failed)
            .filter(post -> !majority || now - post.lostAt() < SETTLED)
            .flatMap(post -> post.last().stream());
    return Stream.concat(said.stream(), before).max(Named.AGE);
  }

  private Stream<SentinelWord> words() {
    return posts.stream().map(Voice::word);
  }
}
