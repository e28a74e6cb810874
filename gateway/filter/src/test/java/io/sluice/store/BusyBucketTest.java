package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.LOGIN;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisScript;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is settled and debited where another gateway always writes first. */
class BusyBucketTest {

  /** More than there are rivals in a test, and nothing flows back while it runs. */
  private static final Bandwidth WIDE = Bandwidth.of(10_000, Duration.ofHours(1));

  /** A token every tenth of a second: what time passes during a call is no other clock. */
  private static final Bandwidth BRISK = Bandwidth.of(20, Duration.ofSeconds(2));

  private static RedisHouse house;

  private final FakeTime time = new FakeTime();
  private final Contested link = new Contested(house.link());
  private final RedisBucketStore one = RedisHouse.store(link, time, System::nanoTime, true);
  private final RedisBucketStore two = house.store(time);

  @BeforeAll
  static void open() {
    house = new RedisHouse();
  }

  @AfterAll
  static void close() {
    house.close();
  }

  /** A link on which somebody else comes first with each call. */
  private static final class Contested implements RedisLink {

    private static final Supplier<CompletionStage<?>> NOBODY =
        () -> CompletableFuture.completedFuture(null);

    private final RedisLink behind;
    private final AtomicInteger calls = new AtomicInteger();
    private volatile Supplier<CompletionStage<?>> rival = NOBODY;

    private Contested(RedisLink behind) {
      this.behind = behind;
    }

    void against(Supplier<CompletionStage<?>> other) {
      calls.set(0);
      rival = other;
    }

    void againstOnce(Runnable other) {
      against(() -> {
        rival = NOBODY;
        other.run();
        return NOBODY.get();
      });
    }

    /** Returns how many calls there were, each with its rival. */
    int quiet() {
      rival = NOBODY;
      return calls.get();
    }

    @Override
    public boolean isUp() {
      return behind.isUp();
    }

    @Override
    public CompletionStage<Object> run(
        RedisScript script, List<byte[]> keys, List<byte[]> arguments) {
      calls.incrementAndGet();
      return rival.get().thenCompose(done -> behind.run(script, keys, arguments));
    }

    @Override
    public CompletionStage<Long> delete(byte[] key) {
      return behind.delete(key);
    }

    @Override
    public CompletionStage<Long> epochNanos() {
      return behind.epochNanos();
    }
  }

  /** The other gateway takes one before each call of the first. */
  private void contest(BucketKey key, Bandwidth bandwidth) {
    link.against(() -> two.take(List.of(draw(key, bandwidth, 1))));
  }

  /** Whatever trickles back is gone before each call of the first. */
  private void exhaust(BucketKey key) throws Exception {
    get(one.take(List.of(draw(key, BRISK, 20))));
    link.against(() -> {
      time.pass(Duration.ofMillis(100));
      return two.take(List.of(draw(key, BRISK, 1)));
    });
  }

  private Verdict peek(BucketKey key, Bandwidth bandwidth) throws Exception {
    return get(two.peek(List.of(draw(key, bandwidth, 1)))).get(0);
  }

  private static long ttl(BucketKey key) {
    return Long.parseLong(redis("PTTL", key));
  }

  @Test
  void aDebitIsMadeAndCountedExactly() throws Exception {
    BucketKey key = key("chat");
    get(one.take(List.of(draw(key, WIDE, 1))));
    contest(key, WIDE);
    assertThat(get(one.debit(key, WIDE, 7))).isEqualTo(Debit.done(0, 0));
    int rivals = link.quiet();
    assertThat(peek(key, WIDE).remaining()).isEqualTo(10_000 - 1 - 7 - rivals);
    assertThat(rivals).isEqualTo(1);
  }

  @Test
  void aDebitOfABucketNeverSeenIsMadeToo() throws Exception {
    BucketKey key = key("chat");
    get(one.take(List.of(draw(key("chat"), WIDE, 1))));
    contest(key, WIDE);
    assertThat(get(one.debit(key, WIDE, 7))).isEqualTo(Debit.done(0, 0));
    int rivals = link.quiet();
    assertThat(peek(key, WIDE).remaining()).isEqualTo(10_000 - 7 - rivals);
  }

  @Test
  void aDebitBelowZeroIsMadeAndCountedExactly() throws Exception {
    BucketKey key = key("chat");
    exhaust(key);
    assertThat(get(one.debit(key, BRISK, 7))).isEqualTo(Debit.done(0, 7));
    assertThat(link.quiet()).isEqualTo(1);
    assertThat(peek(key, BRISK).nanosToGrant()).isEqualTo(800_000_000L);
    assertThat(ttl(key)).as("until it is full").isGreaterThan(12_700);
    time.pass(Duration.ofMillis(800));
    assertThat(peek(key, BRISK).remaining()).isEqualTo(1);
  }

  @Test
  void aDebitOfWhatIsThereOnlyInPartIsCountedExactly() throws Exception {
    BucketKey key = key("chat");
    get(one.take(List.of(draw(key, CHAT, 15))));
    contest(key, CHAT);
    assertThat(get(one.debit(key, CHAT, 7))).isEqualTo(Debit.done(0, 3));
    assertThat(link.quiet()).isEqualTo(1);
  }

  @Test
  void aDebtOfIntervalsLivesUntilItIsPaid() throws Exception {
    BucketKey key = key("auth");
    get(one.take(List.of(draw(key, LOGIN, 4))));
    contest(key, LOGIN);
    assertThat(get(one.debit(key, LOGIN, 1))).isEqualTo(Debit.done(0, 1));
    link.quiet();
    assertThat(ttl(key)).isGreaterThan(Duration.ofMinutes(30).toMillis());
    time.pass(Duration.ofMinutes(15));
    assertThat(peek(key, LOGIN).remaining()).isEqualTo(4);
  }

  @Test
  void whereNothingIsOwedALookSuffices() throws Exception {
    BucketKey key = key("chat");
    get(one.take(List.of(draw(key, WIDE, 1))));
    contest(key, WIDE);
    assertThat(get(one.debit(key, WIDE, 0))).isEqualTo(Debit.done(0, 0));
    int rivals = link.quiet();
    assertThat(peek(key, WIDE).remaining()).isEqualTo(10_000 - 1 - rivals);
  }

  @Test
  void aRecoveryEndsAndDebitsWhatIsOwed() throws Exception {
    BucketKey key = key("chat");
    get(one.take(List.of(draw(key, WIDE, 1))));
    OutageTally tally = new OutageTally();
    MemoryBucketStore local =
        new MemoryBucketStore(
            new StoreSettings(1_000, 1), () -> time.getAsLong() - 12_345, () -> 1, one);
    Recovery recovery = new Recovery(local, one, any -> true, tally);
    get(local.take(List.of(draw(key, WIDE, 7))));
    contest(key, WIDE);
    recovery.begin();
    Eventually.becomes(
        "nothing is owed",
        () -> {
          recovery.goOn(System.nanoTime(), () -> {});
          return !recovery.isOwing();
        });
    int rivals = link.quiet();
    assertThat(tally.total()).isEqualTo(new OutageTokens(0, 0, 7, 0, 0, 0, 0));
    assertThat(peek(key, WIDE).remaining()).isEqualTo(10_000 - 1 - 7 - rivals);
  }

  @Test
  void whatIsLostJustBeforeTheDebitIsPutBack() throws Exception {
    BucketKey key = key("chat");
    get(one.take(List.of(draw(key, WIDE, 5))));
    link.againstOnce(() -> redis("DEL", key));
    assertThat(get(one.debit(key, WIDE, 7))).isEqualTo(Debit.done(5, 0));
    assertThat(peek(key, WIDE).remaining()).isEqualTo(10_000 - 12);
  }

  @Test
  void whatIsGivenBackArrives() throws Exception {
    BucketKey key = key("chat");
    get(one.take(List.of(draw(key, WIDE, 9))));
    contest(key, WIDE);
    get(one.settle(key, WIDE, -4));
    int rivals = link.quiet();
    assertThat(peek(key, WIDE).remaining()).isEqualTo(10_000 - 9 + 4 - rivals);
    assertThat(rivals).isEqualTo(1);
  }

  @Test
  void whatIsGivenBackFillsNoBucketAboveItsCapacity() throws Exception {
    BucketKey key = key("chat");
    get(one.take(List.of(draw(key, CHAT, 9))));
    time.pass(Duration.ofMillis(1_000));
    contest(key, CHAT);
    get(one.settle(key, CHAT, -500));
    assertThat(link.quiet()).isEqualTo(1);
    try (StockProxy stock = new StockProxy(house.redis().port(), time)) {
      String spelled = key.inRedis(RedisHouse.PREFIX);
      assertThat(stock.bucket(spelled, 20).getAvailableTokens()).isEqualTo(20);
    }
    get(two.take(List.of(draw(key, CHAT, 1))));
    assertThat(peek(key, CHAT).nanosToNext()).as("no part of it left").isEqualTo(3_000_000_000L);
    contest(key, CHAT);
    get(one.settle(key, CHAT, 1));
    assertThat(link.quiet()).as("it merges as before").isEqualTo(1);
    assertThat(peek(key, CHAT).remaining()).isEqualTo(17);
  }

  @Test
  void whatIsGivenBackToADebtPaysIt() throws Exception {
    BucketKey key = key("chat");
    get(one.take(List.of(draw(key, CHAT, 20))));
    link.against(() -> two.settle(key, CHAT, 10));
    get(one.settle(key, CHAT, -4));
    assertThat(link.quiet()).isEqualTo(1);
    assertThat(peek(key, CHAT).nanosToGrant()).isEqualTo(21_000_000_000L);
    assertThat(ttl(key)).isGreaterThan(78_000);
  }

  @Test
  void whatIsGivenBackToNothingCreatesNothing() throws Exception {
    BucketKey key = key("chat");
    get(one.take(List.of(draw(key, WIDE, 5))));
    link.againstOnce(() -> redis("DEL", key));
    get(one.settle(key, WIDE, -4));
    assertThat(redis("EXISTS", key)).isEqualTo("0");
  }

  @Test
  void whatIsChargedInAdditionGoesBelowZero() throws Exception {
    BucketKey key = key("chat");
    exhaust(key);
    get(one.settle(key, BRISK, 30));
    link.quiet();
    assertThat(peek(key, BRISK).nanosToGrant()).isEqualTo(3_100_000_000L);
    assertThat(ttl(key)).isGreaterThan(15_000);
  }

  private static String redis(String command, BucketKey key) {
    return house.redis().send(command, key.inRedis(RedisHouse.PREFIX));
  }
}
