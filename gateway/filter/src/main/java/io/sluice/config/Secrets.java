package io.sluice.config;

import java.util.Set;
import java.util.regex.Pattern;

/** Knows which values are shown to nobody. */
final class Secrets {

  private static final Set<String> KEYS =
      Set.of("password", "key-password", "secret", "token", "sha256", "keys", "url");

  private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/@\\s]+@");

  private Secrets() {}

  /** Returns whether the last key of the path names a secret. */
  static boolean isSecret(String path) {
    return KEYS.contains(path.substring(path.lastIndexOf('.') + 1));
  }

  /** Returns the text without the user and password of URLs. */
  static String withoutUserInfo(String text) {
    return USER_INFO.matcher(text).replaceAll("...@");
  }
}
