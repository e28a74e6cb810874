package io.sluice.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  private static final List<FaultKind> ALL = List.of(FaultKind.values());
  private static final long TWENTY_MINUTES = 1_200_000;

  @Test
  void theSameSeedPlansTheSameFaults() {
    assertThat(planned(100, TWENTY_MINUTES, 7)).isEqualTo(planned(100, TWENTY_MINUTES, 7));
    assertThat(planned(100, TWENTY_MINUTES, 7)).isNotEqualTo(planned(100, TWENTY_MINUTES, 8));
  }

  @Test
  void eachKindHasItsTurnBeforeAnyComesAgain() {
    Schedule schedule = new Schedule(ALL, 2, TWENTY_MINUTES, 1);
    Set<FaultKind> seen = EnumSet.noneOf(FaultKind.class);
    for (int i = 0; i < ALL.size(); i++) {
      assertThat(schedule.eachHadItsTurn()).isFalse();
      seen.add(schedule.next().kind());
    }

    assertThat(seen).hasSize(ALL.size());
    assertThat(schedule.eachHadItsTurn()).isTrue();
  }

  @Test
  void faultsLastFromOneToSixSecondsAndTheCalmIsLongerThanARecoveryMayTake() {
    for (Fault fault : planned(500, TWENTY_MINUTES, 3)) {
      if (fault.kind().isInstant()) {
        assertThat(fault.millis()).isZero();
      } else {
        assertThat(fault.millis()).isBetween(1_000L, 6_000L);
      }
      assertThat(fault.calmMillis()).isGreaterThan(Schedule.BACK_WITHIN);
    }
  }

  @Test
  void oneGatewayAloneIsBefallenOnlyByWhatIsOnItsWay() {
    Set<Integer> whom = new HashSet<>();
    for (Fault fault : planned(500, TWENTY_MINUTES, 3)) {
      if (fault.kind().isOfTheWay()) {
        whom.add(fault.gateway());
      } else {
        assertThat(fault.gateway()).isEqualTo(Fault.ALL);
      }
    }
    assertThat(whom).containsExactlyInAnyOrder(Fault.ALL, 0, 1);
  }

  @Test
  void allKindsFitIntoAMinute() {
    long all = 0;
    for (Fault fault : planned(ALL.size(), 60_000, 5)) {
      all += fault.millis() + fault.calmMillis();
    }
    assertThat(all).isLessThan(50_000);
  }

  private static List<Fault> planned(int count, long millis, long seed) {
    Schedule schedule = new Schedule(ALL, 2, millis, seed);
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faults.add(schedule.next());
    }
    return faults;
  }
}
