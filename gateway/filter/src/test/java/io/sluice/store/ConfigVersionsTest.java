package io.sluice.store;

import static io.sluice.store.BucketStoreContract.book;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.limit.BucketKey;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConfigVersionsTest {

  private static final Bandwidth TWENTY = Bandwidth.of(20, Duration.ofHours(1));
  private static final Bandwidth FORTY = Bandwidth.of(40, Duration.ofHours(1));

  private final FakeTime time = new FakeTime();
  private RedisHouse house;

  @BeforeEach
  void open() {
    house = new RedisHouse();
  }

  @AfterEach
  void close() {
    house.close();
  }

  private static long version(ConfigVersions versions, Bandwidth bandwidth) throws Exception {
    versions.adopt(book("chat", bandwidth));
    return get(versions.of(new BucketKey("chat", "main", "x"), bandwidth)).version();
  }

  @Test
  void equalContentHasOneNumberAndARollBackAHigherOne() throws Exception {
    ConfigVersions here = new ConfigVersions(house.link(), "sluice:");
    ConfigVersions there = new ConfigVersions(house.link(), "sluice:");
    long first = version(here, TWENTY);
    assertThat(version(there, TWENTY)).isEqualTo(first);
    long second = version(here, FORTY);
    long third = version(here, TWENTY);
    assertThat(second).isGreaterThan(first);
    assertThat(third).isGreaterThan(second);
    assertThat(version(there, TWENTY)).isEqualTo(third);
  }

  @Test
  void numbersGrowAfterRedisHasLostThem() throws Exception {
    ConfigVersions versions = new ConfigVersions(house.link(), "sluice:");
    long first = version(versions, TWENTY);
    house.redis().send("FLUSHALL");
    assertThat(version(versions, FORTY)).isGreaterThanOrEqualTo(first);
    assertThat(Long.parseLong(house.redis().send("PTTL", "sluice:version:chat:main")))
        .isBetween(1L, Duration.ofDays(30).toMillis());
  }

  @Test
  void gatewaysAgreeThroughAChangeAndItsRollBack() throws Exception {
    RedisBucketStore here = house.store(time);
    RedisBucketStore there = house.store(time);
    BucketKey key = key("chat");
    here.adopt(book("chat", TWENTY));
    there.adopt(book("chat", TWENTY));
    assertThat(take(here, key, TWENTY, 12).remaining()).isEqualTo(8);
    here.adopt(book("chat", FORTY));
    assertThat(take(here, key, FORTY, 1).remaining()).isEqualTo(27);
    // The other gateway has not read the new book yet, and must not undo it.
    assertThat(take(there, key, TWENTY, 1).remaining()).isEqualTo(26);
    assertThat(take(here, key, FORTY, 1).remaining()).isEqualTo(25);
    there.adopt(book("chat", FORTY));
    assertThat(take(there, key, FORTY, 1).remaining()).isEqualTo(24);
    there.adopt(book("chat", TWENTY));
    assertThat(take(there, key, TWENTY, 1).remaining()).isEqualTo(3);
    assertThat(take(here, key, FORTY, 1).remaining()).isEqualTo(2);
    here.adopt(book("chat", TWENTY));
    assertThat(take(here, key, TWENTY, 2).remaining()).isZero();
    assertThat(take(there, key, TWENTY, 1).granted()).isFalse();
  }

  @Test
  void aLateRequestOfTheLastBookIsCountedByTheBookInForce() throws Exception {
    RedisBucketStore store = house.store(time);
    BucketKey key = key("chat");
    store.adopt(book("chat", FORTY));
    assertThat(take(store, key, TWENTY, 30).granted()).isTrue();
  }

  private static Verdict take(RedisBucketStore store, BucketKey key, Bandwidth b, long tokens)
      throws Exception {
    return get(store.take(List.of(draw(key, b, tokens)))).get(0);
  }
}
