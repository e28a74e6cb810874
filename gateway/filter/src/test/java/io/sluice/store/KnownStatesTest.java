package io.sluice.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sluice.fixtures.LogLines;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import io.sluice.redis.Moment;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KnownStatesTest {

  private static final byte[] KEY = "sluice:chat:main:{someone}".getBytes(US_ASCII);
  private static final long NOW = 1_790_000_000_000_000_000L;
  private static final Terms TERMS =
      new Terms(new Bandwidth(20, 20, Duration.ofMinutes(1), Mode.GREEDY), 1_790_000_000L);

  private final KnownStates states = new KnownStates(1_000);
  private final LogLines log = new LogLines(RedisBucketStore.class);

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void octetsThatAreNoBucketCountAsAFullOne() {
    Known known = states.read(KEY, "rubbish".getBytes(US_ASCII), 1);

    assertThat(known.bytes()).asString(US_ASCII).isEqualTo("rubbish");
    assertThat(known.tokens(TERMS, new Moment(NOW, 0)).available()).isEqualTo(20);
  }

  @Test
  void whateverOctetsSomebodyHasSpoiltABucketCanBeCounted() {
    Random random = new Random(20_261_122);
    Tokens tokens = Tokens.full(TERMS, NOW);
    tokens.charge(7);
    byte[] bucket = StateCodec.encode(tokens.state());
    for (int i = 0; i < 20_000; i++) {
      byte[] spoilt = bucket.clone();
      for (int j = random.nextInt(1, 4); j > 0; j--) {
        spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt(256);
      }
      assertThatCode(
              () -> {
                Tokens counted = states.read(KEY, spoilt, 1).tokens(TERMS, new Moment(NOW + 9, 0));
                counted.charge(1);
                counted.ttlMillis();
                StateCodec.encode(counted.state());
              })
          .as("%s", java.util.HexFormat.of().formatHex(spoilt))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void tellsKeysWithoutABucketAtABoundedRate() {
    BrokenKeys keys = new BrokenKeys();
    Exception why = new java.io.IOException("no\nbucket");
    for (int i = 0; i < 5_000; i++) {
      keys.add(KEY, why, Duration.ofMillis(2 * i).toNanos());
    }
    assertThat(log.get())
        .singleElement()
        .asString()
        .startsWith("WARN sluice:chat:main:{someone} holds no bucket (java.io.IOException: no buck")
        .contains("DELETE /admin/limits");

    keys.add(KEY, why, Duration.ofSeconds(10).toNanos());

    assertThat(log.get()).hasSize(2).last().asString().contains("; 5000 such findings");
  }
}
