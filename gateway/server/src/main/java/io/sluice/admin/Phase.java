package io.sluice.admin;

/** How far the gateway is in its life. */
public enum Phase {
  /** It does not listen yet. */
  STARTING,
  /** It serves. */
  SERVING,
  /** It finishes what it has begun and takes nothing new. */
  DRAINING
}
