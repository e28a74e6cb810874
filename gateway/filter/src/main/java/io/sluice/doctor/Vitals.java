package io.sluice.doctor;

import java.util.HashMap;
import java.util.Map;

/** What INFO or CLUSTER INFO tells: values by name. Immutable. */
final class Vitals {

  private final Map<String, String> values;

  private Vitals(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  /** Reads lines of {@code name:value}; headings and all else are passed over. */
  static Vitals of(String text) {
    Map<String, String> values = new HashMap<>();
    text.lines()
        .forEach(line -> {
          int colon = line.indexOf(':');
          if (colon > 0 && !line.startsWith("#")) {
            values.put(line.substring(0, colon), line.substring(colon + 1).strip());
          }
        });
    return new Vitals(values);
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** Returns a value; empty where it was not told. */
  String text(String name) {
    return values.getOrDefault(name, "");
  }

  /** Returns a value; 0 where it was not told or is no whole number. */
  long number(String name) {
    String text = text(name);
    return text.matches("-?[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }
}
