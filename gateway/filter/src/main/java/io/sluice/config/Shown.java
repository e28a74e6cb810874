package io.sluice.config;

/** Makes text that others wrote fit to be shown in a terminal or a log. */
final class Shown {

  private static final int LONGEST = 80;

  private Shown() {}

  /** Returns the text with control characters, line ends and direction marks replaced. */
  static String clean(String text) {
    return text.codePoints().allMatch(Shown::isHarmless)
        ? text
        : text.codePoints()
            .map(c -> isHarmless(c) ? c : '?')
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
  }

  /** Returns the text in quotes, cut when it is long. */
  static String quoted(String text) {
    return '"' + cut(text) + '"';
  }

  /** Returns the beginning of the text. */
  static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }

  private static boolean isHarmless(int c) {
    int type = Character.getType(c);
    return type != Character.CONTROL
        && type != Character.FORMAT
        && type != Character.SURROGATE
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR;
  }
}
