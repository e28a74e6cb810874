package io.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.limit.BucketKey;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import io.sluice.policy.PolicyBook;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisScript;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the bandwidths that a limit has had, so that all gateways agree which of two is later.
 *
 * <p>The number is allocated in Redis by content: whoever asks with the content stored there gets
 * its number; whoever asks with other content replaces it and gets a higher one, so a roll-back
 * gets a higher number than what it undoes. Numbers grow even where Redis has lost the last one, or
 * somebody has put something else there, or another node of a cluster gave it, for they are never
 * below Redis' clock in seconds nor below what the asker has had. Thread-safe.
 */
final class ConfigVersions {

  private static final RedisScript ALLOCATE =
      new RedisScript(
          """
          local stored, last = redis.pcall('GET', KEYS[1]), 0
          if type(stored) == 'table' and not tostring(stored.err):find('WRONGTYPE') then
            return stored
          end
          if type(stored) == 'string' then
            local version, content = string.match(stored, '^(%d+) (.*)$')
            if content == ARGV[1] and tonumber(version) >= tonumber(ARGV[3]) then
              redis.call('PEXPIRE', KEYS[1], ARGV[2])
              return tonumber(version)
            end
            last = tonumber(version) or 0
          end
          last = math.max(last, tonumber(ARGV[3]))
          local version = math.max(last + 1, tonumber(redis.call('TIME')[1]))
          redis.call('SET', KEYS[1], string.format('%.0f', version) .. ' ' .. ARGV[1],
              'PX', ARGV[2])
          return version
          """);

  private static final byte[] KEPT_MILLIS =
      Long.toString(Duration.ofDays(30).toMillis()).getBytes(UTF_8);

  private final RedisLink link;
  private final String prefix;
  private final UnaryOperator<String> reachable;
  private final ConcurrentHashMap<Name, Long> highest = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Name, Entry> entries = new ConcurrentHashMap<>();
  private volatile Map<Name, Bandwidth> adopted = Map.of();

  ConfigVersions(RedisLink link, String prefix) {
    this(link, prefix, UnaryOperator.identity());
  }

  /**
   * Creates one without any number.
   *
   * @param reachable finds another name for a key that cannot be reached at the time
   */
  ConfigVersions(RedisLink link, String prefix, UnaryOperator<String> reachable) {
    this.link = link;
    this.prefix = prefix;
    this.reachable = reachable;
  }

  private record Name(String policy, String limit) {}

  private static final class Entry {
    final Bandwidth bandwidth;
    final CompletableFuture<Terms> terms = new CompletableFuture<>();
    volatile @Nullable Terms ready;

    Entry(Bandwidth bandwidth) {
      this.bandwidth = bandwidth;
    }
  }

  /**
   * Takes over the bandwidths of a book and asks for all their numbers. From now on they are what
   * its limits have, whatever a late request of the last book wants.
   */
  void adopt(PolicyBook book) {
    Map<Name, Bandwidth> bandwidths = new HashMap<>();
    for (Policy policy : book.policies()) {
      for (Limit limit : policy.limits()) {
        bandwidths.put(new Name(policy.name(), limit.id()), limit.bandwidth());
      }
    }
    adopted = Map.copyOf(bandwidths);
    entries.clear();
    if (link.isUp()) {
      bandwidths.forEach(this::entry);
    }
  }

  /** Returns the terms of a bucket's limit, or null where its number is not there yet. */
  @Nullable Terms ready(BucketKey key, Bandwidth wanted) {
    Name name = new Name(key.policy(), key.limit());
    Entry entry = entries.get(name);
    return entry != null && entry.bandwidth.equals(inForce(name, wanted)) ? entry.ready : null;
  }

  /**
   * Returns the terms of a bucket's limit.
   *
   * @return completes with {@link StoreUnavailableException} when Redis gives no number
   */
  CompletableFuture<Terms> of(BucketKey key, Bandwidth wanted) {
    Name name = new Name(key.policy(), key.limit());
    return entry(name, inForce(name, wanted)).terms;
  }

  private Bandwidth inForce(Name name, Bandwidth wanted) {
    Bandwidth bandwidth = adopted.get(name);
    return bandwidth != null ? bandwidth : wanted;
  }

  private Entry entry(Name name, Bandwidth bandwidth) {
    Entry mine = new Entry(bandwidth);
    Entry entry =
        entries.merge(name, mine, (held, next) -> held.bandwidth.equals(bandwidth) ? held : next);
    if (entry == mine) {
      allocate(name, mine);
    }
    return entry;
  }

  private void allocate(Name name, Entry entry) {
    String key = reachable.apply(prefix + "version:" + name.policy() + ':' + name.limit());
    String had = Long.toString(highest.getOrDefault(name, 0L));
    CompletionStage<Object> reply;
    try {
      reply =
          link.run(
              ALLOCATE,
              List.of(key.getBytes(UTF_8)),
              List.of(content(entry.bandwidth).getBytes(UTF_8), KEPT_MILLIS, had.getBytes(UTF_8)));
    } catch (RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    reply.whenComplete((version, failure) -> {
      if (version instanceof Long number) {
        highest.merge(name, number, Math::max);
        Terms terms = new Terms(entry.bandwidth, number);
        entry.ready = terms;
        entry.terms.complete(terms);
      } else {
        entries.remove(name, entry);
        entry.terms.completeExceptionally(
            new StoreUnavailableException(
                "Redis gave no version for the limit " + name.policy() + "." + name.limit(),
                failure));
      }
    });
  }

  private static String content(Bandwidth bandwidth) {
    return bandwidth.capacity()
        + " "
        + bandwidth.refill()
        + " "
        + bandwidth.period().toNanos()
        + " "
        + bandwidth.mode();
  }
}
