package io.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.redis.Seldom;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which keys of ours hold no bucket: one line in ten seconds at most, however many there are.
 * Thread-safe.
 */
final class BrokenKeys {

  private static final Logger LOG = LoggerFactory.getLogger(RedisBucketStore.class);
  private static final int LONGEST_KEY = 200;

  private final AtomicLong found = new AtomicLong();
  private final Seldom lines = new Seldom();

  /**
   * A key holds something that is no bucket, or none that can be counted.
   *
   * @param now elapsed nanoseconds
   */
  void add(byte[] redisKey, Throwable why, long now) {
    found.incrementAndGet();
    if (lines.isDue(now)) {
      LOG.warn(
          "{} holds no bucket ({}), so it counts as a full one and is replaced when its caller is"
              + " granted something; see who else writes there, and reset the limit (DELETE"
              + " /admin/limits) should the caller be stuck; {} such findings since the last line",
          shown(new String(redisKey, UTF_8)),
          shown(why.toString()),
          found.getAndSet(0));
    }
  }

  private static String shown(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= LONGEST_KEY ? line : line.substring(0, LONGEST_KEY) + "...";
  }
}
