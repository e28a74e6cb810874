package io.sluice.config;

import java.util.regex.Pattern;

/**
 * The names that become part of Redis keys, metrics and headers: nothing in them needs escaping
 * anywhere, and none can be taken for another.
 */
final class Names {

  static final String EXPECTED = "letters, digits and . _ -, at most 64 of them";

  private static final Pattern PART = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final int LONGEST = 200;

  private Names() {}

  /** Returns whether the text may be the id of a limit or of an API key. */
  static boolean isPart(String text) {
    return PART.matcher(text).matches();
  }

  /** Returns whether the text may be the name of a policy: parts with slashes between them. */
  static boolean isPolicy(String text) {
    if (text.length() > LONGEST) {
      return false;
    }
    for (String part : text.split("/", -1)) {
      if (!isPart(part)) {
        return false;
      }
    }
    return true;
  }
}
