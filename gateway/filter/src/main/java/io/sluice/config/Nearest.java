package io.sluice.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that a person probably meant. */
public final class Nearest {

  private static final int LONGEST = 64;

  private Nearest() {}

  /**
   * Returns the known word nearest to the wrong one, if any is near: at most one edit for every
   * three letters, where case, dashes and underscores do not count.
   */
  public static Optional<String> to(String wrong, Collection<String> known) {
    String plain = plain(wrong);
    if (plain.length() > LONGEST) {
      return Optional.empty();
    }
    int best = Math.max(1, plain.length() / 3) + 1;
    String nearest = null;
    for (String word : known) {
      int distance = distance(plain, plain(word));
      if (distance < best && distance < word.length()) {
        best = distance;
        nearest = word;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** Returns {@code user, ip or role; did you mean user?}, the question where one is near. */
  public static String expected(String wrong, Collection<String> known) {
    return either(known) + to(wrong, known).map(word -> "; did you mean " + word + "?").orElse("");
  }

  /** Returns {@code a, b or c}. */
  static String either(Collection<String> words) {
    String all = String.join(", ", words);
    int comma = all.lastIndexOf(", ");
    return comma < 0 ? all : all.substring(0, comma) + " or " + all.substring(comma + 2);
  }

  private static String plain(String word) {
    return word.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }

  /** Counts insertions, deletions, replacements and swaps of neighbours (optimal alignment). */
  private static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, Math.min(last[j], row[j - 1]) + 1);
        if (i > 1 && j > 1 && swapped(a, i, b, j)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      beforeLast = last;
      last = row;
    }
    return last[b.length()];
  }

  private static boolean swapped(String a, int i, String b, int j) {
    return a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
  }
}
