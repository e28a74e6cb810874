package io.sluice.proxy;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Counts how many more servers a request for OPTIONS may pass (RFC 9110, section 7.6.2). With other
 * methods the field means nothing and goes on as it is.
 */
final class MaxForwards {

  /** Nobody is that far away; a larger number counts as this one. */
  private static final int MOST = 999_999_999;

  private static final int MOST_DIGITS = 9;

  private MaxForwards() {}

  /** Returns whether the field, if there is any, is one number, as it must be to be counted. */
  static boolean isCountable(HttpFields fields) {
    int found = 0;
    for (HttpField field : fields) {
      if (field.getHeader() == HttpHeader.MAX_FORWARDS) {
        found++;
        if (!isNumber(field.getValue())) {
          return false;
        }
      }
    }
    return found <= 1;
  }

  /** Returns whether the request, if countable, must not go on from here. */
  static boolean isUsedUp(HttpFields fields) {
    String value = fields.get(HttpHeader.MAX_FORWARDS);
    return value != null && number(value) == 0;
  }

  /** Counts one pass. */
  static void count(HttpFields.Mutable fields) {
    String value = fields.get(HttpHeader.MAX_FORWARDS);
    if (value != null) {
      fields.put(HttpHeader.MAX_FORWARDS, Integer.toString(Math.max(0, number(value) - 1)));
    }
  }

  private static boolean isNumber(@Nullable String value) {
    if (value == null || value.isEmpty()) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static int number(String digits) {
    int start = 0;
    while (start < digits.length() && digits.charAt(start) == '0') {
      start++;
    }
    int length = digits.length() - start;
    return length == 0
        ? 0
        : length > MOST_DIGITS ? MOST : Integer.parseInt(digits.substring(start));
  }
}
