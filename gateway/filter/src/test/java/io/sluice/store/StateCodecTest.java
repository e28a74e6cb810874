package io.sluice.store;

import static io.github.bucket4j.distributed.serialization.InternalSerializationHelper.serializeState;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.distributed.versioning.Versions;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StateCodecTest {

  @Test
  void writesTheBytesThatBucket4jWrites() throws IOException {
    Random random = new Random(20_261_121);
    for (int i = 0; i < 500; i++) {
      RemoteBucketState state = anyState(random);
      byte[] bytes = StateCodec.encode(state);
      assertThat(bytes).isEqualTo(serializeState(state, Versions.getLatest()));
      RemoteBucketState read = StateCodec.decode(bytes);
      assertThat(read.equalsByContent(state)).isTrue();
    }
  }

  @Test
  void writesBucketsOfManyBandwidthsWithLongNames() {
    var configuration = io.github.bucket4j.BucketConfiguration.builder();
    for (int i = 0; i < 20; i++) {
      String name = "a bandwidth with a long name, ".repeat(20) + i;
      int capacity = 10 + i;
      configuration.addLimit(
          limit -> limit.capacity(capacity).refillGreedy(1, Duration.ofSeconds(capacity)).id(name));
    }
    var state =
        new RemoteBucketState(
            io.github.bucket4j.BucketState.createInitialState(
                configuration.build(), io.github.bucket4j.MathType.INTEGER_64_BITS, 77),
            new io.github.bucket4j.distributed.remote.RemoteStat(3),
            null);
    assertThat(StateCodec.encode(state))
        .hasSizeGreaterThan(1_000)
        .isEqualTo(serializeState(state, Versions.getLatest()));
  }

  private static RemoteBucketState anyState(Random random) {
    long start = random.nextLong(4_000_000_000_000_000_000L);
    Bandwidth bandwidth =
        new Bandwidth(
            1 + random.nextLong(1L << random.nextInt(1, 40)),
            1 + random.nextInt(1_000),
            Duration.ofMillis(1 + random.nextInt(100_000_000)),
            random.nextBoolean() ? Mode.GREEDY : Mode.INTERVAL);
    Tokens tokens = Tokens.full(new Terms(bandwidth, random.nextLong(1L << 40)), start);
    for (int i = random.nextInt(4); i > 0; i--) {
      tokens.charge(1 + random.nextInt(20));
      start += random.nextLong(1L << random.nextInt(1, 45));
      tokens.advance(start);
    }
    return tokens.state();
  }
}
