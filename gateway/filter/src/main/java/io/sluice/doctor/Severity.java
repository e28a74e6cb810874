package io.sluice.doctor;

import java.util.Locale;

/** How much a finding matters, least first. */
public enum Severity {
  /** As it should be. */
  OK,
  /** Worth knowing; nothing has to be done. */
  NOTE,
  /** Limits hold now, and will not for ever. */
  WARNING,
  /** Limits do not hold, or gateways cannot use this Redis. */
  ERROR;

  /** Returns the word that people and scripts read. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
