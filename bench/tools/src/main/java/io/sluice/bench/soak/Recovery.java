package io.sluice.bench.soak;

import io.sluice.bench.fleet.GatewayProcess;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What gateways say of themselves after a fault.
 *
 * @param backMillis from the fault's end until Redis decided in all of them, and went on to for
 *     {@value #STEADY_MILLIS} ms; {@link Double#POSITIVE_INFINITY} where that never came
 * @param relapses how often one of them lost Redis again in the calm that followed
 */
record Recovery(double backMillis, int relapses) {

  private static final long STEADY_MILLIS = 200;
  private static final long STEADY = TimeUnit.MILLISECONDS.toNanos(STEADY_MILLIS);
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);
  private static final long EVERY_MILLIS = 20;

  /**
   * Watches gateways until they are back and the calm is over.
   *
   * @param ended when the fault was undone, by {@link System#nanoTime}
   */
  static Recovery watch(List<GatewayProcess> gateways, long ended, long calmMillis)
      throws IOException, InterruptedException {
    Watch watch = new Watch(gateways.size(), ended);
    long calmEnd = ended + TimeUnit.MILLISECONDS.toNanos(calmMillis);
    while (true) {
      for (int i = 0; i < gateways.size(); i++) {
        boolean onRedis = gateways.get(i).isOnRedis();
        watch.saw(i, onRedis, System.nanoTime());
      }
      long now = System.nanoTime();
      if ((watch.isBack() && now >= calmEnd) || now - ended > PATIENCE) {
        return watch.result();
      }
      TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
    }
  }

  /** Puts single looks together. For one thread. */
  static final class Watch {

    private static final long NOT_SEEN = -1;

    private final long ended;
    private final long[] goodFor;
    private final long[] backAfter;
    private int relapses;

    Watch(int gateways, long ended) {
      this.ended = ended;
      this.goodFor = new long[gateways];
      this.backAfter = new long[gateways];
      Arrays.fill(goodFor, NOT_SEEN);
      Arrays.fill(backAfter, NOT_SEEN);
    }

    /** A gateway said whether Redis decides. */
    void saw(int gateway, boolean onRedis, long now) {
      if (!onRedis) {
        relapses += backAfter[gateway] != NOT_SEEN && goodFor[gateway] != NOT_SEEN ? 1 : 0;
        goodFor[gateway] = NOT_SEEN;
        return;
      }
      if (goodFor[gateway] == NOT_SEEN) {
        goodFor[gateway] = now - ended;
      }
      boolean steady = now - ended - goodFor[gateway] >= STEADY;
      if (steady && backAfter[gateway] == NOT_SEEN) {
        backAfter[gateway] = goodFor[gateway];
      }
    }

    /** Returns whether all are back now, and steadily were before. */
    boolean isBack() {
      for (int i = 0; i < goodFor.length; i++) {
        if (goodFor[i] == NOT_SEEN || backAfter[i] == NOT_SEEN) {
          return false;
        }
      }
      return true;
    }

    Recovery result() {
      double worst = 0;
      for (long each : backAfter) {
        worst = each == NOT_SEEN ? Double.POSITIVE_INFINITY : Math.max(worst, each / 1e6);
      }
      return new Recovery(worst, relapses);
    }
  }
}
