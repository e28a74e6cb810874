package io.sluice.config;

import com.typesafe.config.ConfigOrigin;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a value was written.
 *
 * @param file the file or environment variable
 * @param line line in the file, from 1; 0 when there is none
 */
record Place(String file, int line) {

  /** {@code chat.conf: 3}, {@code chat.conf: 3-7}, {@code merge of chat.conf: 3,...}. */
  private static final Pattern ORIGIN = Pattern.compile("(?:merge of )?(.+?): (\\d+)(?:-\\d+)?");

  static Place of(ConfigOrigin origin) {
    String description = origin.description();
    Matcher matcher = ORIGIN.matcher(description);
    return matcher.lookingAt()
        ? new Place(matcher.group(1), line(matcher.group(2)))
        : new Place(description, Math.max(0, origin.lineNumber()));
  }

  private static int line(String digits) {
    return digits.length() > 9 ? 0 : Integer.parseInt(digits);
  }
}
