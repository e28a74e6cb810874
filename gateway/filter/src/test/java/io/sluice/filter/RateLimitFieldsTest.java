package io.sluice.filter;

import static io.sluice.filter.Lines.CHAT;
import static io.sluice.filter.Lines.SECOND;
import static io.sluice.filter.Lines.granted;
import static io.sluice.filter.Lines.limit;
import static io.sluice.filter.Lines.line;
import static io.sluice.filter.Lines.policy;
import static io.sluice.filter.Lines.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.filter.AnswerSettings.Dialect;
import io.sluice.limit.Decision.Metered;
import io.sluice.limit.LimitVerdict;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth.Mode;
import io.sluice.policy.Policy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RateLimitFieldsTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void everydayLimitIsWrittenInBothDialects() {
    assertThat(fields(granted(CHAT, 0, 19, 3 * SECOND)))
        .containsExactly(
            "RateLimit-Policy: \"chat\";q=20;w=60",
            "RateLimit: \"chat\";r=19;t=3",
            "X-RateLimit-Limit: 20",
            "X-RateLimit-Remaining: 19",
            "X-RateLimit-Reset: 3");
  }

  @Test
  void dialectsAreWrittenAsConfigured() {
    Metered decision = new Metered(List.of(granted(CHAT, 0, 19, 1)));
    assertThat(fields(decision, Set.of(Dialect.IETF_11))).hasSize(2);
    assertThat(fields(decision, Set.of(Dialect.X_RATELIMIT)))
        .hasSize(3)
        .allMatch(field -> field.startsWith("X-RateLimit-"));
    assertThat(fields(decision, Set.of())).isEmpty();
  }

  @Test
  void timesAreRoundedUpAndNeverZero() {
    assertThat(time(granted(CHAT, 0, 19, 1))).isEqualTo("1");
    assertThat(time(granted(CHAT, 0, 19, SECOND))).isEqualTo("1");
    assertThat(time(granted(CHAT, 0, 19, SECOND + 1))).isEqualTo("2");
    assertThat(time(refused(CHAT, 0, 0, 2 * SECOND + 1))).isEqualTo("3");
  }

  @Test
  void fullBucketShowsInWhatTimeAFirstTokenReturns() {
    assertThat(time(granted(CHAT, 0, 20, 0))).isEqualTo("3");
    Policy interval =
        policy("i", 1, limit("main", Lines.bandwidth(5, 5, MINUTE, Mode.INTERVAL), 429));
    assertThat(time(granted(interval, 0, 5, 0))).isEqualTo("60");
    Policy fast = policy("f", 1, limit("main", 2000, Duration.ofSeconds(1)));
    assertThat(time(granted(fast, 0, 2000, 0))).isEqualTo("1");
  }

  @Test
  void tokensThatNeverComeAreGivenTheTimeToFill() {
    assertThat(time(refused(CHAT, 0, 0, Long.MAX_VALUE))).isEqualTo("60");
  }

  @Test
  void everyLimitThatWasCountedIsAMember() {
    Policy two = policy("up", 1, limit("user", 5, MINUTE), limit("all", 500, Duration.ofHours(1)));
    assertThat(
            fields(
                granted(CHAT, 0, 3, SECOND),
                granted(two, 0, 4, 12 * SECOND),
                line(CHAT, 0, Verdict.ALLOWED_UNCOUNTED),
                granted(two, 1, 499, 8 * SECOND)))
        .contains(
            "RateLimit-Policy: \"chat\";q=20;w=60, \"up.user\";q=5;w=60, \"up.all\";q=500;w=3600",
            "RateLimit: \"chat\";r=3;t=1, \"up.user\";r=4;t=12, \"up.all\";r=499;t=8");
  }

  @Test
  void nothingIsWrittenWhereNothingWasCounted() {
    assertThat(fields(line(CHAT, 0, Verdict.ALLOWED_UNCOUNTED))).isEmpty();
    assertThat(fields(line(CHAT, 0, Verdict.DENIED_UNCOUNTED))).isEmpty();
  }

  @Test
  void olderFieldsShowTheLimitWithLeastLeftInProportion() {
    Policy day = policy("day", 1, limit("main", 1000, Duration.ofDays(1)));
    assertThat(fields(granted(CHAT, 0, 19, SECOND), granted(day, 0, 40, 86 * SECOND)))
        .contains("X-RateLimit-Limit: 1000", "X-RateLimit-Remaining: 40", "X-RateLimit-Reset: 86");
    assertThat(fields(granted(day, 0, 999, 86 * SECOND), granted(CHAT, 0, 1, SECOND)))
        .contains("X-RateLimit-Limit: 20", "X-RateLimit-Remaining: 1");
  }

  @Test
  void amongEquallyEmptyLimitsTheOneToWaitForLongerIsShown() {
    Policy day = policy("day", 1, limit("main", 1000, Duration.ofDays(1)));
    assertThat(fields(refused(CHAT, 0, 0, SECOND), refused(day, 0, 0, 86 * SECOND)))
        .contains("X-RateLimit-Reset: 86");
    assertThat(fields(refused(day, 0, 0, 86 * SECOND), refused(CHAT, 0, 0, SECOND)))
        .contains("X-RateLimit-Reset: 86");
  }

  @Test
  void largestLimitsStayWithinStructuredFields() {
    Policy huge =
        policy(
            "huge",
            1,
            limit(
                "main",
                Lines.bandwidth(1_000_000_000_000L, 1, Duration.ofDays(3650), Mode.GREEDY),
                429));
    assertThat(fields(granted(huge, 0, 999_999_999_999L, 0)))
        .contains("RateLimit-Policy: \"huge\";q=1000000000000;w=999999999999999");
  }

  @Test
  void namesAreEscapedAsStructuredFieldStrings() {
    assertThat(StructuredField.string("team/chat")).isEqualTo("\"team/chat\"");
    assertThat(StructuredField.string("a\"b\\c")).isEqualTo("\"a\\\"b\\\\c\"");
    assertThat(StructuredField.string("café\r\n")).isEqualTo("\"caf%C3%A9%0D%0A\"");
    assertThat(StructuredField.string("\u007f ~")).isEqualTo("\"%7F ~\"");
  }

  @Test
  void textsOfAReplacedPolicyAreNotUsedForItsSuccessor() {
    LimitTexts texts = new LimitTexts();
    Policy before = policy("p", 1, limit("main", 10, MINUTE));
    Policy after = policy("p", 1, limit("other", 30, MINUTE), limit("main", 20, MINUTE));
    assertThat(texts.of(granted(before, 0, 1, 1)).member()).isEqualTo("\"p\";q=10;w=60");
    assertThat(texts.of(granted(after, 1, 1, 1)).member()).isEqualTo("\"p.main\";q=20;w=60");
  }

  private static List<String> fields(LimitVerdict... lines) {
    return fields(new Metered(List.of(lines)), Set.of(Dialect.values()));
  }

  private static List<String> fields(Metered decision, Set<Dialect> dialects) {
    RecordedFields recorded = new RecordedFields();
    new RateLimitFields(new LimitTexts(), dialects).write(decision, recorded.response());
    return recorded.fields();
  }

  private static String time(LimitVerdict line) {
    String field = fields(line).get(1);
    return field.substring(field.indexOf(";t=") + 3);
  }
}
