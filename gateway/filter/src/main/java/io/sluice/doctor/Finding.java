package io.sluice.doctor;

/**
 * One thing seen, and what it means.
 *
 * @param name what was looked at, for scripts: it does not change between versions
 * @param severity how much it matters
 * @param seen what was seen
 * @param why why that matters for limits; empty where all is well
 * @param remedy what to do; empty where nothing has to be done
 */
public record Finding(String name, Severity severity, String seen, String why, String remedy) {

  static Finding ok(String name, String seen) {
    return new Finding(name, Severity.OK, seen, "", "");
  }

  static Finding note(String name, String seen, String why, String remedy) {
    return new Finding(name, Severity.NOTE, seen, why, remedy);
  }

  static Finding warning(String name, String seen, String why, String remedy) {
    return new Finding(name, Severity.WARNING, seen, why, remedy);
  }

  static Finding error(String name, String seen, String why, String remedy) {
    return new Finding(name, Severity.ERROR, seen, why, remedy);
  }
}
