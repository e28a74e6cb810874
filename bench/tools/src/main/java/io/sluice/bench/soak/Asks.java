package io.sluice.bench.soak;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Draws requests and the pauses between them; the same ones from the same seed. For one thread. */
final class Asks {

  private static final int LARGEST_CONTENT = 4_000;
  private static final int ONE_IN_TWENTY = 20;

  private final List<Traffic> traffics;
  private final int gateways;
  private final double meanPause;
  private final Random random;

  /**
   * Creates a source.
   *
   * @param perSecond how many requests a second, on average
   */
  Asks(List<Traffic> traffics, int gateways, int perSecond, long seed) {
    this.traffics = List.copyOf(traffics);
    this.gateways = gateways;
    this.meanPause = (double) TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.random = new Random(seed);
  }

  /** Returns the nanoseconds until the next request: nobody waits for anybody. */
  long pause() {
    return (long) (-Math.log(1 - random.nextDouble()) * meanPause);
  }

  Ask next() {
    int number = traffic(random.nextInt(100));
    Traffic traffic = traffics.get(number);
    boolean hot = random.nextInt(100) < traffic.hotPercent();
    return new Ask(
        number,
        hot ? random.nextInt(traffic.hot()) : traffic.hot() + random.nextInt(traffic.casual()),
        random.nextInt(gateways),
        random.nextInt(LARGEST_CONTENT),
        random.nextInt(ONE_IN_TWENTY) == 0);
  }

  private int traffic(int percent) {
    int rest = percent;
    for (int i = 0; i < traffics.size(); i++) {
      rest -= traffics.get(i).percent();
      if (rest < 0) {
        return i;
      }
    }
    throw new IllegalStateException("the shares of traffic add up to less than 100 percent");
  }
}
