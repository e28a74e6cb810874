package io.sluice.bench.prove;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.distributed.serialization.DataOutputSerializationAdapter;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Looks into Redis with nothing of the gateway's: Lettuce reads the keys, Bucket4j the values. Also
 * reads Redis' clock.
 */
final class Buckets implements AutoCloseable {

  private static final int PAGE = 1_000;

  private final RedisClient client;
  private final RedisCommands<byte[], byte[]> redis;

  Buckets(String host, int port) {
    this.client = RedisClient.create(RedisURI.create(host, port));
    this.redis = client.connect(ByteArrayCodec.INSTANCE).sync();
  }

  /** Returns Redis' time in nanoseconds since the Unix epoch. */
  long epochNanos() {
    List<byte[]> time = redis.time();
    long seconds = Long.parseLong(new String(time.get(0), UTF_8));
    long micros = Long.parseLong(new String(time.get(1), UTF_8));
    return TimeUnit.SECONDS.toNanos(seconds) + TimeUnit.MICROSECONDS.toNanos(micros);
  }

  /** Returns the tokens ever taken from each bucket whose key begins so. */
  Map<String, Long> consumed(String prefix) throws IOException {
    Map<String, Long> consumed = new HashMap<>();
    ScanArgs some = ScanArgs.Builder.matches(prefix + "*").limit(PAGE);
    KeyScanCursor<byte[]> page = redis.scan(some);
    read(page.getKeys(), consumed);
    while (!page.isFinished()) {
      page = redis.scan(page, some);
      read(page.getKeys(), consumed);
    }
    return consumed;
  }

  private void read(List<byte[]> keys, Map<String, Long> consumed) throws IOException {
    if (keys.isEmpty()) {
      return;
    }
    for (KeyValue<byte[], byte[]> pair : redis.mget(keys.toArray(new byte[0][]))) {
      if (pair.hasValue()) {
        consumed.put(new String(pair.getKey(), UTF_8), taken(pair.getValue()));
      }
    }
  }

  private static long taken(byte[] value) throws IOException {
    return RemoteBucketState.SERIALIZATION_HANDLE
        .deserialize(
            DataOutputSerializationAdapter.INSTANCE,
            new DataInputStream(new ByteArrayInputStream(value)))
        .getRemoteStat()
        .getConsumedTokens();
  }

  @Override
  public void close() {
    client.shutdown(0, 2, TimeUnit.SECONDS);
  }
}
