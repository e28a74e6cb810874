package io.sluice.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisScript;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/** A link to a Redis whose clock is the test's: for TIME, and for TIME within scripts. */
final class TimedLink implements RedisLink {

  private static final String TIME = "redis.call('TIME')";

  private final RedisLink behind;
  private final LongSupplier epochNanos;

  TimedLink(RedisLink behind, LongSupplier epochNanos) {
    this.behind = behind;
    this.epochNanos = epochNanos;
  }

  @Override
  public boolean isUp() {
    return behind.isUp();
  }

  @Override
  public CompletionStage<Object> run(
      RedisScript script, List<byte[]> keys, List<byte[]> arguments) {
    if (!script.text().contains(TIME)) {
      return behind.run(script, keys, arguments);
    }
    long now = epochNanos.getAsLong();
    List<byte[]> timed = new ArrayList<>(arguments);
    timed.add(Long.toString(now / 1_000_000_000).getBytes(US_ASCII));
    timed.add(Long.toString(now % 1_000_000_000 / 1_000).getBytes(US_ASCII));
    // The script finds its own arguments where it looks for them: at the end.
    String told = "local told = {ARGV[#ARGV - 1], table.remove(ARGV)}; table.remove(ARGV)\n";
    String text = told + script.text().replace(TIME, "told");
    return behind.run(new RedisScript(text), keys, timed);
  }

  @Override
  public CompletionStage<Long> delete(byte[] key) {
    return behind.delete(key);
  }

  @Override
  public CompletionStage<Long> epochNanos() {
    return CompletableFuture.completedFuture(epochNanos.getAsLong());
  }
}
