package io.sluice.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts the parser's complaints into words that name the remedy. */
final class SyntaxErrors {

  static final String INCLUDE = "files cannot be included: expected everything in this file";

  private static final Pattern RESERVED = Pattern.compile("Reserved character '(.)'");
  private static final Pattern SEPARATOR = Pattern.compile("got '([:=])'");
  private static final Pattern UNQUOTED_VALUE =
      Pattern.compile("\\s*([A-Za-z-]+)\\s*[=:]\\s*([^\"\\[\\],]*[^\"\\[\\],\\s])\\s*,?\\s*");
  private static final Pattern PATTERN_CHARACTERS = Pattern.compile("[/*?:{}$^@&!`|\\\\]");
  private static final Pattern PREFIX = Pattern.compile("^.*?: \\d+: ");

  private SyntaxErrors() {}

  /**
   * Explains a parser's message.
   *
   * @param text the whole text
   * @param line the line that the parser named, from 1
   * @param quote whether the text may be quoted: it can hold no secret
   */
  static String explain(String message, String text, int line, boolean quote) {
    if (message.equals(INCLUDE)) {
      return INCLUDE;
    }
    if (message.contains("file root") || message.contains("rather than object")) {
      return "the file is a list: expected keys, for example name = value";
    }
    return cause(message, quote) + (quote ? suggestion(text, line) : "");
  }

  private static String cause(String message, boolean quote) {
    Matcher reserved = RESERVED.matcher(message);
    if (reserved.find()) {
      return "'%s' stands outside quotes: expected paths, URLs and the like in quotes"
          .formatted(reserved.group(1));
    }
    Matcher separator = SEPARATOR.matcher(message);
    if (separator.find()) {
      return "'%s' within a value: expected a value here, and paths, URLs and the like in quotes"
          .formatted(separator.group(1));
    }
    if (message.contains("unbalanced close brace")) {
      return "'}' closes nothing: expected a '{' before it";
    }
    if (message.contains("end of file")) {
      return "the file ends too early: expected a value, a '}' or a ']'";
    }
    if (message.contains("newline in quoted strings")) {
      return "a quote is not closed: expected '\"' before the end of the line";
    }
    if (message.contains("may not be followed by token")) {
      return "a key without a value: expected key = value";
    }
    return "this cannot be read" + (quote ? ": " + Shown.cut(original(message)) : "");
  }

  private static String original(String message) {
    String bare = PREFIX.matcher(message).replaceFirst("");
    int hint = bare.indexOf(" (if you intended");
    return hint < 0 ? bare : bare.substring(0, hint);
  }

  private static String suggestion(String text, int line) {
    String source = text.lines().skip(Math.max(0, line - 1L)).findFirst().orElse("");
    Matcher matcher = UNQUOTED_VALUE.matcher(source);
    return matcher.matches() && PATTERN_CHARACTERS.matcher(matcher.group(2)).find()
        ? "; did you mean %s = \"%s\"?".formatted(matcher.group(1), Shown.cut(matcher.group(2)))
        : "";
  }
}
