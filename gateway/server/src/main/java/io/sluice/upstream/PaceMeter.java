package io.sluice.upstream;

/**
 * Tells from now-and-then looks whether a client keeps its {@link Pace}. Time counts only while the
 * client is waited for, so nobody is blamed for a slow upstream. Judged late by up to one look,
 * never early. Not thread-safe.
 */
public final class PaceMeter {

  private final long windowNanos;
  private final long due;
  private boolean counting;
  private long since;
  private long before;

  /** Creates a meter that begins with its first look. */
  public PaceMeter(Pace pace) {
    this.windowNanos = pace.window().toNanos();
    this.due = pace.octets();
  }

  /**
   * Looks at a client.
   *
   * @param now the time of {@link System#nanoTime}
   * @param awaited whether the client is waited for right now
   * @param octets how many it has moved since it began
   * @return whether it has been too slow
   */
  public boolean isTooSlow(long now, boolean awaited, long octets) {
    if (!awaited || !counting) {
      counting = awaited;
      begin(now, octets);
      return false;
    }
    if (now - since < windowNanos) {
      return false;
    }
    boolean slow = octets - before < due;
    begin(now, octets);
    return slow;
  }

  private void begin(long now, long octets) {
    since = now;
    before = octets;
  }
}
