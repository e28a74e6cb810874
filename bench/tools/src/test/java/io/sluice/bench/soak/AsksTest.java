package io.sluice.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AsksTest {

  private static final List<Traffic> ALL = Traffic.all();
  private static final int MANY = 100_000;

  @Test
  void theSameSeedDrawsTheSameRequests() {
    assertThat(drawn(7)).isEqualTo(drawn(7));
    assertThat(drawn(7)).isNotEqualTo(drawn(8));
  }

  @Test
  void eachTrafficHasItsShareAndItsHotCallersTheirs() {
    List<Ask> asks = drawn(1);
    for (int i = 0; i < ALL.size(); i++) {
      int number = i;
      Traffic traffic = ALL.get(i);
      List<Ask> its = asks.stream().filter(ask -> ask.traffic() == number).toList();
      long hot = its.stream().filter(ask -> ask.caller() < traffic.hot()).count();

      assertThat(100.0 * its.size() / MANY).isCloseTo(traffic.percent(), within(1.0));
      assertThat(100.0 * hot / its.size()).isCloseTo(traffic.hotPercent(), within(2.0));
      assertThat(its).allMatch(ask -> ask.caller() < traffic.callers());
    }
  }

  @Test
  void theSharesAreAllThereIs() {
    assertThat(ALL.stream().mapToInt(Traffic::percent).sum()).isEqualTo(100);
  }

  @Test
  void pausesAddUpToTheRate() {
    Asks asks = new Asks(ALL, 2, 500, 1);
    double nanos = Stream.generate(asks::pause).limit(MANY).mapToLong(each -> each).sum();

    assertThat(MANY / (nanos / 1e9)).isCloseTo(500, within(10.0));
  }

  private static List<Ask> drawn(long seed) {
    Asks asks = new Asks(ALL, 2, 500, seed);
    List<Ask> all = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      all.add(asks.next());
    }
    return all;
  }
}
