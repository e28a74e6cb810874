package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisCommandExecutionException;
import io.sluice.redis.Redirect.Kind;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What nodes of a cluster say: who serves which slots, and where to go instead. */
class ClusterWordsTest {

  private static final RedisAddress ASKED = new RedisAddress("asked", 7000);

  @Test
  void readsWhoServesWhichSlots() {
    Object reply =
        List.of(
            List.of(0L, 5460L, node("10.0.0.1", 7001), node("10.0.0.4", 7004)),
            List.of(5461L, 5461L, node("redis-2.example", 7002)));
    assertThat(SlotRange.read(reply, ASKED))
        .containsExactly(
            new SlotRange(
                0,
                5460,
                new RedisAddress("10.0.0.1", 7001),
                List.of(new RedisAddress("10.0.0.4", 7004))),
            new SlotRange(5461, 5461, new RedisAddress("redis-2.example", 7002), List.of()));
  }

  @Test
  void aNodeThatDoesNotKnowItsNameMeansTheOneItWasAskedBy() {
    assertThat(master(node(null, 7001))).isEqualTo(new RedisAddress("asked", 7001));
    assertThat(master(node("", 7001))).isEqualTo(new RedisAddress("asked", 7001));
    assertThat(master(node("?", 7001))).isEqualTo(new RedisAddress("asked", 7001));
    Object more = List.of("ip".getBytes(UTF_8), "10.0.0.9".getBytes(UTF_8));
    assertThat(master(List.of("?".getBytes(UTF_8), 7001L, "id".getBytes(UTF_8), more)))
        .isEqualTo(new RedisAddress("10.0.0.9", 7001));
  }

  /** It lost its memory, and is at its old address under another id: the others know none. */
  @Test
  void aNodeWithoutAnAddressServesNothingAndSpoilsNothing() {
    Object reply =
        List.of(
            List.of(0L, 5460L, node("10.0.0.1", 7001), node("", 0), node("10.0.0.4", 7004)),
            List.of(5461L, 10_922L, node("", 0), node("10.0.0.5", 7005)),
            List.of(10_923L, 16_383L, node("10.0.0.3", 7003), node("", 0)));
    assertThat(SlotRange.read(reply, ASKED))
        .containsExactly(
            new SlotRange(
                0,
                5460,
                new RedisAddress("10.0.0.1", 7001),
                List.of(new RedisAddress("10.0.0.4", 7004))),
            new SlotRange(5461, 10_922, null, List.of(new RedisAddress("10.0.0.5", 7005))),
            new SlotRange(10_923, 16_383, new RedisAddress("10.0.0.3", 7003), List.of()));
  }

  @Test
  void whatIsNoSuchReplyIsNotBelieved() {
    List<Object> replies =
        List.of(
            "PONG".getBytes(UTF_8),
            List.of(7L),
            List.of(List.of(0L, 16_384L, node("a", 1))),
            List.of(List.of(0L, 1L, List.of("a".getBytes(UTF_8)))),
            List.of(List.of(0L, 1L)));
    for (Object reply : replies) {
      assertThatThrownBy(() -> SlotRange.read(reply, ASKED))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void readsWhereToGoInstead() {
    assertThat(redirect("MOVED 3999 10.0.0.2:7002"))
        .isEqualTo(new Redirect(Kind.MOVED, new RedisAddress("10.0.0.2", 7002)));
    assertThat(redirect("ASK 3999 fe80::2:7002"))
        .isEqualTo(new Redirect(Kind.ASK, new RedisAddress("fe80::2", 7002)));
    assertThat(redirect("MOVED 3999 :7002"))
        .isEqualTo(new Redirect(Kind.MOVED, new RedisAddress("asked", 7002)));
    assertThat(redirect("ASK 3999 ?:7002"))
        .isEqualTo(new Redirect(Kind.ASK, new RedisAddress("asked", 7002)));
    assertThat(redirect("TRYAGAIN Multiple keys request during rehashing of slot"))
        .isEqualTo(new Redirect(Kind.TRYAGAIN, null));
  }

  @Test
  void aNodeWithoutAnAddressIsNowhereToGo() {
    assertThat(redirect("MOVED 3999 :0")).isEqualTo(new Redirect(Kind.MOVED, null));
    assertThat(redirect("ASK 3999 :0")).isEqualTo(new Redirect(Kind.ASK, null));
    assertThat(redirect("MOVED 3999 a:65536")).isEqualTo(new Redirect(Kind.MOVED, null));
  }

  @Test
  void otherErrorsLeadNowhere() {
    assertThat(redirect("CLUSTERDOWN The cluster is down")).isNull();
    assertThat(redirect("MOVED 3999 nowhere")).isNull();
    assertThat(redirect("MOVED")).isNull();
    assertThat(Redirect.of(new RedisUnavailableException("lost", null), ASKED)).isNull();
    assertThat(Redirect.of(new IllegalStateException("MOVED 1 a:1"), ASKED)).isNull();
  }

  private static @Nullable Redirect redirect(String error) {
    return Redirect.of(
        new RedisUnavailableException("told", new RedisCommandExecutionException(error)), ASKED);
  }

  private static @Nullable RedisAddress master(List<?> node) {
    return SlotRange.read(List.of(List.of(0L, 1L, node)), ASKED).get(0).master();
  }

  private static List<@Nullable Object> node(@Nullable String host, long port) {
    return Arrays.asList(host == null ? null : host.getBytes(UTF_8), port, "id".getBytes(UTF_8));
  }
}
