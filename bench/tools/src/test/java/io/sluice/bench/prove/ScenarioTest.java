package io.sluice.bench.prove;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScenarioTest {

  private static final List<Scenario> ALL = Scenario.all(2_000_000);

  @Test
  void twelveScenariosShareTheDecisions() {
    assertThat(ALL).hasSize(12);
    assertThat(ALL).extracting(Scenario::name).doesNotHaveDuplicates();
    assertThat(ALL.stream().mapToLong(Scenario::decisions).sum()).isEqualTo(2_000_000);
  }

  @Test
  void twoMillionDecisionsExhaustWhatIsHot() {
    for (Scenario scenario : ALL) {
      if (scenario.name().startsWith("hot")) {
        assertThat(scenario.decisions()).isGreaterThan(2 * scenario.caller().tokens());
      }
    }
  }

  @Test
  void eachOfThreeLimitsCanRefuseAlone() {
    Scenario three = named("cold-5-three");
    long endpoint = requireNonNull(three.endpoint()).tokens();
    long everybody = requireNonNull(three.everybody()).tokens();
    long callers = three.callers() * three.caller().tokens();

    assertThat(endpoint).isLessThan(everybody);
    assertThat(everybody).isLessThan(callers).isLessThan(2 * endpoint);
    assertThat(callers).isLessThan(three.decisions());
  }

  @Test
  void requestsInARowNameOneCallerAndAllCallersGetTheirTurn() {
    Scenario cold = named("cold-20-one");
    Set<Integer> seen = new HashSet<>();
    for (long i = 0; i < cold.decisions(); i++) {
      int caller = cold.callerOf(i, 3);
      seen.add(caller);
      assertThat(caller).isEqualTo(cold.callerOf(i / 3 * 3, 3));
    }

    assertThat(seen).hasSize(cold.callers());
  }

  @Test
  void thePolicyRefusesWithoutRedis() {
    assertThat(named("hot-20-three").policy())
        .contains("key = header.X-Caller, rate = 20/2s", "key = route", "key = global")
        .endsWith("on-outage = deny\n");
  }

  private static Scenario named(String name) {
    return ALL.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }
}
