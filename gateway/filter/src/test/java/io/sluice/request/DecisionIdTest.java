package io.sluice.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DecisionIdTest {

  @Test
  void idIsAUlid() {
    assertThat(DecisionId.at(0)).matches("0{10}[0-9A-HJKMNP-TV-Z]{16}");
    assertThat(DecisionId.at(1_469_918_176_385L)).startsWith("01ARYZ6S41");
  }

  @Test
  void idsSortByTime() {
    assertThat(DecisionId.at(1_000)).isLessThan(DecisionId.at(1_001));
    assertThat(DecisionId.at(1L << 47)).isGreaterThan(DecisionId.at((1L << 47) - 1));
  }

  @Test
  void idsOfOneMillisecondDiffer() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      ids.add(DecisionId.at(42));
    }
    assertThat(ids).hasSize(10_000);
  }
}
