package io.sluice.bench.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bench.fleet.Rate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuditTest {

  private static final Rate FIVE = new Rate(5, 86_400);
  private static final Rate NINE = new Rate(9, 86_400);
  private static final long MOMENT = 1_000_000L;

  @Test
  void anExactRunPasses() {
    Audit audit = audit(caller("a", 5), caller("b", 4), everybody(9));

    assertThat(audit.isExact()).isTrue();
    assertThat(audit.allowed()).isEqualTo(9);
    assertThat(audit.problems()).isEmpty();
  }

  @Test
  void oneTokenTooManyIsFound() {
    Audit audit = audit(caller("a", 6), caller("b", 3), everybody(9));

    assertThat(audit.isExact()).isFalse();
    assertThat(audit.overAdmission()).isEqualTo(1);
    assertThat(audit.partialCharges()).isZero();
    assertThat(audit.problems()).containsExactly("a admitted 6, charged 6, allowed 5");
  }

  @Test
  void aLimitOfAllThatGaveTooMuchIsFoundThoughNoCallerDid() {
    Audit audit = audit(caller("a", 5), caller("b", 5), everybody(10));

    assertThat(audit.overAdmission()).isEqualTo(1);
  }

  @Test
  void whatComesBackMeanwhileIsAllowed() {
    Rate fast = new Rate(5, 2);
    List<Tally> tallies = List.of(new Tally("caller", "a", fast, 7, 0));

    assertThat(Audit.of(tallies, Map.of("a", 7L), 900_000_000L, 0).isExact()).isTrue();
    assertThat(Audit.of(tallies, Map.of("a", 7L), 700_000_000L, 0).overAdmission()).isEqualTo(1);
  }

  @Test
  void aChargeThatReachedOnlySomeBucketsIsFound() {
    List<Tally> tallies = List.of(caller("a", 3), everybody(3));

    assertThat(Audit.of(tallies, Map.of("a", 4L, "all", 3L), MOMENT, 0).partialCharges())
        .isEqualTo(1);
    assertThat(Audit.of(tallies, Map.of("a", 3L, "all", 2L), MOMENT, 0).partialCharges())
        .isEqualTo(1);
    assertThat(Audit.of(tallies, Map.of("a", 3L), MOMENT, 0).partialCharges()).isEqualTo(1);
  }

  @Test
  void aRefusedCallersBucketNeedNotExist() {
    List<Tally> tallies = List.of(caller("a", 3), caller("b", 0), everybody(3));

    assertThat(Audit.of(tallies, Map.of("a", 3L, "all", 3L), MOMENT, 0).isExact()).isTrue();
  }

  @Test
  void aChargeOfNobodyIsFound() {
    List<Tally> tallies = List.of(caller("a", 3));

    assertThat(Audit.of(tallies, Map.of("a", 3L, "x", 1L), MOMENT, 0).partialCharges())
        .isEqualTo(1);
  }

  @Test
  void whatIsUnknownMayHaveBeenChargedButNoMore() {
    List<Tally> tallies = List.of(new Tally("caller", "a", FIVE, 3, 1));

    assertThat(Audit.of(tallies, Map.of("a", 3L), MOMENT, 1).isExact()).isTrue();
    assertThat(Audit.of(tallies, Map.of("a", 4L), MOMENT, 1).isExact()).isTrue();
    assertThat(Audit.of(tallies, Map.of("a", 5L), MOMENT, 1).partialCharges()).isEqualTo(1);
    assertThat(Audit.of(tallies, Map.of("a", 4L), MOMENT, 0).partialCharges()).isEqualTo(1);
  }

  @Test
  void aFewUnknownDoNotExplainManyCharges() {
    List<Tally> tallies =
        List.of(new Tally("caller", "a", FIVE, 1, 1), new Tally("caller", "b", FIVE, 1, 1));

    assertThat(Audit.of(tallies, Map.of("a", 2L, "b", 1L), MOMENT, 1).isExact()).isTrue();
    assertThat(Audit.of(tallies, Map.of("a", 2L, "b", 2L), MOMENT, 1).partialCharges())
        .isEqualTo(1);
  }

  private static Tally caller(String key, long admitted) {
    return new Tally("caller", key, FIVE, admitted, 0);
  }

  private static Tally everybody(long admitted) {
    return new Tally("everybody", "all", NINE, admitted, 0);
  }

  /** Redis holds what the clients were admitted. */
  private static Audit audit(Tally... tallies) {
    Map<String, Long> consumed = new HashMap<>();
    for (Tally tally : tallies) {
      consumed.put(tally.key(), tally.admitted());
    }
    return Audit.of(List.of(tallies), consumed, MOMENT, 0);
  }
}
