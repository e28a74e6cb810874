package io.sluice.bench;

import io.sluice.identity.Identity;
import java.net.InetAddress;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Callers to measure with. */
final class People {

  /** About a thousand, and a power of two. */
  static final int MANY = 1 << 10;

  private People() {}

  /** Returns so many users, all at one address. */
  static Identity[] users(int count) {
    InetAddress address = InetAddress.getLoopbackAddress();
    return IntStream.range(0, count)
        .mapToObj(
            i -> new Identity(address, "127.0.0.1", "user-" + i, null, Set.of(), Map.of(), false))
        .toArray(Identity[]::new);
  }
}
