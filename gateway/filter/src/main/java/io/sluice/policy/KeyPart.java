package io.sluice.policy;

/**
 * One thing that tells callers apart. A limit's key is one or several of them.
 *
 * @param kind what is looked at
 * @param name which header, cookie, query parameter, path name or claim; empty for kinds without
 */
public record KeyPart(Kind kind, String name) {

  /** What a key part looks at. */
  public enum Kind {
    USER("user", false),
    IP("ip", false),
    API_KEY("api-key", false),
    HEADER("header", true),
    COOKIE("cookie", true),
    QUERY("query", true),
    PATH("path", true),
    CLAIM("claim", true),
    ROLE("role", false),
    METHOD("method", false),
    ROUTE("route", false),
    HOST("host", false),
    GLOBAL("global", false);

    private final String word;
    private final boolean named;

    Kind(String word, boolean named) {
      this.word = word;
      this.named = named;
    }

    /** Returns how policies spell this kind. */
    public String word() {
      return word;
    }

    /** Returns whether a name follows, as in {@code header.NAME}. */
    public boolean named() {
      return named;
    }
  }

  public KeyPart {
    if (kind.named() == name.isEmpty()) {
      throw new IllegalArgumentException(
          kind.named() ? kind.word() + " needs a name" : kind.word() + " takes no name");
    }
  }

  /** Returns the part without a name. */
  public static KeyPart of(Kind kind) {
    return new KeyPart(kind, "");
  }

  /** Returns the part as policies spell it, for example {@code header.X-Tenant}. */
  @Override
  public String toString() {
    return kind.named() ? kind.word() + "." + name : kind.word();
  }
}
