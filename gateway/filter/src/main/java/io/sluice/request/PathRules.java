package io.sluice.request;

/**
 * How request paths are read. Folding is for matching only: the forwarded path keeps its case and
 * its trailing slash.
 *
 * @param foldCase whether {@code /API/Chat} is matched as {@code /api/chat}
 * @param foldTrailingSlash whether {@code /api/chat/} is matched as {@code /api/chat}
 * @param encodedSlash whether {@code %2F} and {@code %25} pass; refused otherwise, because many
 *     upstreams decode them and would then see another path than the one that was limited
 */
public record PathRules(boolean foldCase, boolean foldTrailingSlash, boolean encodedSlash) {

  /** Fold case and trailing slash, refuse encoded slashes and percent signs. */
  public static final PathRules DEFAULT = new PathRules(true, true, false);
}
