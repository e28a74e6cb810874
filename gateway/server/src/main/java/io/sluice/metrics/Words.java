package io.sluice.metrics;

import java.util.Locale;

/** Spells constants as label values. */
final class Words {

  private Words() {}

  /** Returns the constant's name in lower case, its words joined by dashes. */
  static String of(Enum<?> constant) {
    return of(constant.name());
  }

  /** Returns a constant's name in lower case, its words joined by dashes. */
  static String of(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
