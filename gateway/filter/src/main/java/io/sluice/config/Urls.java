package io.sluice.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;

/** Reads URLs of servers: scheme, host, perhaps a port. */
public final class Urls {

  private Urls() {}

  /** Reads a URL of one of the schemes; empty when it lacks scheme or host or bears a user. */
  public static Optional<URI> parse(String text, String... schemes) {
    try {
      URI uri = new URI(text);
      boolean sound =
          uri.getScheme() != null
              && List.of(schemes).contains(uri.getScheme())
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getPort() != 0
              && uri.getPort() <= 65_535;
      return sound ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** Returns what a person should have written instead of the text. */
  public static String expected(String text, String... schemes) {
    boolean bare = !text.contains("://") && parse(schemes[0] + "://" + text, schemes).isPresent();
    return "a URL with scheme, for example "
        + (bare ? schemes[0] + "://" + text : schemes[0] + "://localhost:3000")
        + (text.contains("@") ? "; without user or password" : "")
        + (text.contains("_") ? "; a host's name has no underscores" : "");
  }
}
