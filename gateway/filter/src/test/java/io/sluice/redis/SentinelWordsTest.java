package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.redis.SentinelWord.Awaited;
import io.sluice.redis.SentinelWord.Failed;
import io.sluice.redis.SentinelWord.Named;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is master by what three Sentinels say. */
class SentinelWordsTest {

  private static final RedisAddress OLD = new RedisAddress("old", 1);
  private static final RedisAddress NEW = new RedisAddress("new", 2);

  private final Sentinel first = new Sentinel();
  private final Sentinel second = new Sentinel();
  private final Sentinel third = new Sentinel();
  private long now;
  private final SentinelWords words = new SentinelWords(List.of(first, second, third), () -> now);

  @Test
  void theNewestConfigurationIsRightWhoeverElseKnowsIt() {
    first.say(new Named(OLD, 4, null));
    second.say(new Named(OLD, 4, null));
    assertThat(words.master()).hasValue(OLD);
    third.say(new Named(NEW, 5, null));
    assertThat(words.master()).hasValue(NEW);
  }

  @Test
  void whatLostSentinelsSaidCountsWhileOnlyTheOneThatWasCutOffIsLeft() {
    first.say(new Named(NEW, 5, null));
    second.say(new Named(NEW, 5, null));
    third.say(new Named(OLD, 4, null));
    first.lose();
    second.lose();
    pass(Duration.ofHours(1));
    assertThat(words.master()).hasValue(NEW);
    first.say(new Named(OLD, 4, null));
    second.say(new Named(OLD, 4, null));
    assertThat(words.master()).as("they have been told to").hasValue(OLD);
  }

  @Test
  void aMajorityThatSaysSomethingOlderIsRightAfterTenSeconds() {
    first.say(new Named(NEW, 5, null));
    second.say(new Named(OLD, 4, null));
    third.say(new Named(OLD, 4, null));
    first.lose();
    pass(Duration.ofMillis(9_999));
    assertThat(words.master()).hasValue(NEW);
    pass(Duration.ofMillis(1));
    assertThat(words.master()).hasValue(OLD);
  }

  @Test
  void noLostSentinelNamesAMasterWhereNoneAnswers() {
    first.say(new Named(NEW, 5, null));
    second.lose();
    assertThat(words.isSilent()).isFalse();
    first.lose();
    assertThat(words.isSilent()).as("one has not been heard yet").isFalse();
    third.lose();
    assertThat(words.isSilent()).isTrue();
    assertThat(words.master()).isEmpty();
    assertThat(words.silence()).hasMessage("lost");
  }

  @Test
  void aServerThatIsPromotedCountsWhenItHasSaidThatItIsMaster() {
    first.say(new Named(OLD, 4, NEW));
    second.say(new Named(OLD, 4, null));
    assertThat(words.promised()).hasValue(NEW);
    assertThat(words.master()).hasValue(OLD);

    words.proven(NEW);

    assertThat(words.promised()).isEmpty();
    assertThat(words.master()).hasValue(NEW);
  }

  @Test
  void aPromotionThatFailedIsNotBelievedTheNextTime() {
    first.say(new Named(OLD, 4, NEW));
    words.proven(NEW);
    first.say(new Named(OLD, 4, null));
    words.heard();
    assertThat(words.master()).hasValue(OLD);

    first.say(new Named(OLD, 4, NEW));
    words.heard();

    assertThat(words.master()).hasValue(OLD);
    assertThat(words.promised()).hasValue(NEW);
  }

  private void pass(Duration duration) {
    now += duration.toNanos();
  }

  private final class Sentinel implements SentinelWords.Voice {

    private SentinelWord word = new Awaited();
    private @Nullable Named last;
    private long lostAt;

    private void say(Named named) {
      word = named;
      last = named;
    }

    private void lose() {
      word = new Failed(new RedisUnavailableException("lost", null));
      lostAt = now;
    }

    @Override
    public SentinelWord word() {
      return word;
    }

    @Override
    public Optional<Named> last() {
      return Optional.ofNullable(last);
    }

    @Override
    public long lostAt() {
      return lostAt;
    }
  }
}
