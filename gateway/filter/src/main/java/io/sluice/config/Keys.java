package io.sluice.config;

import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.RoutePattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads what a limit tells callers apart by, and warns of what does not do so. */
final class Keys {

  private static final List<String> WORDS =
      Arrays.stream(Kind.values()).map(k -> k.named() ? k.word() + ".NAME" : k.word()).toList();

  private static final Map<String, Kind> KINDS =
      Arrays.stream(Kind.values()).collect(Collectors.toMap(Kind::word, kind -> kind));

  private final ReadingContext context;
  private final List<RoutePattern> match;

  /** Creates a reader for the limits of a policy that matches these patterns, if they are known. */
  Keys(ReadingContext context, List<RoutePattern> match) {
    this.context = context;
    this.match = match;
  }

  /** Reads a limit's key; empty after an error. */
  List<KeyPart> read(Section limit) {
    if (!limit.has("key")) {
      limit.problem("key", "missing: expected " + Nearest.either(WORDS));
      return List.of();
    }
    List<KeyPart> key = new ArrayList<>();
    for (String text : limit.texts("key")) {
      KeyPart part = part(limit, text);
      if (part != null && key.contains(part)) {
        limit.problem("key", "'%s' stands here twice".formatted(text));
      } else if (part != null) {
        warn(limit, part);
        key.add(part);
      }
    }
    if (key.isEmpty() && limit.texts("key").isEmpty()) {
      limit.problem("key", "is empty: expected at least one part; global counts everybody as one");
    }
    return key;
  }

  private static @Nullable KeyPart part(Section limit, String text) {
    int dot = text.indexOf('.');
    String word = dot < 0 ? text : text.substring(0, dot);
    String name = dot < 0 ? "" : text.substring(dot + 1);
    Kind kind = KINDS.get(word);
    if (kind == null) {
      String near =
          Nearest.to(word, KINDS.keySet()).map(w -> dot < 0 ? w : w + '.' + name).orElse("");
      limit.problem(
          "key",
          "'%s' is unknown: expected %s%s"
              .formatted(
                  Shown.cut(text),
                  Nearest.either(WORDS),
                  near.isEmpty() ? "" : "; did you mean " + near + "?"));
      return null;
    }
    String wrong = wrong(kind, name, dot >= 0);
    if (wrong != null) {
      limit.problem("key", wrong);
      return null;
    }
    return new KeyPart(kind, name);
  }

  private static @Nullable String wrong(Kind kind, String name, boolean dotted) {
    if (!kind.named()) {
      return dotted ? "'%s' takes no name: expected it alone".formatted(kind.word()) : null;
    }
    if (name.isEmpty()) {
      return "expected a name, %s.NAME".formatted(kind.word());
    }
    boolean token = kind == Kind.HEADER || kind == Kind.COOKIE;
    return token && !IdentityReader.TOKEN.matcher(name).matches()
        ? "'%s' cannot be the name of a %s".formatted(Shown.cut(name), kind.word())
        : null;
  }

  private void warn(Section limit, KeyPart part) {
    switch (part.kind()) {
      case HEADER, COOKIE, QUERY ->
          limit.warning(
              "key",
              "clients choose %s freely, so each can have many buckets; without it a caller counts by its address"
                  .formatted(part));
      case HOST ->
          limit.warning("key", "clients choose the host freely, so each can have many buckets");
      case CLAIM ->
          limit.warning(
              "key", "no token source is in this version, so every caller counts by its address");
      case USER -> warnUnless(context.users(), limit, "no trusted proxy or API key names a user");
      case ROLE -> warnUnless(context.roles(), limit, "no trusted proxy or API key brings roles");
      case API_KEY -> warnUnless(context.apiKeys(), limit, "no API key is known");
      case PATH -> {
        if (!match.isEmpty()) {
          checkPath(limit, part);
        }
      }
      default -> {
        // ip, method, route and global are always there and nobody chooses them freely
      }
    }
  }

  private static void warnUnless(boolean known, Section limit, String reason) {
    if (!known) {
      limit.warning("key", reason + ", so every caller counts by its address");
    }
  }

  private void checkPath(Section limit, KeyPart part) {
    List<String> names = match.stream().flatMap(p -> names(p).stream()).distinct().toList();
    if (!names.contains(part.name())) {
      limit.problem(
          "key",
          "no path in match has {%s}%s"
              .formatted(
                  part.name(),
                  Nearest.to(part.name(), names)
                      .map(near -> "; did you mean path." + near + "?")
                      .orElse("")));
      return;
    }
    match.stream()
        .filter(pattern -> pattern.indexOf(part.name()) < 0)
        .findFirst()
        .ifPresent(pattern ->
            limit.warning(
                "key",
                "%s has no {%s}; there a caller counts by its address"
                    .formatted(Shown.quoted(pattern.text()), part.name())));
  }

  private static List<String> names(RoutePattern pattern) {
    return pattern.segments().stream()
        .map(segment -> segment instanceof RoutePattern.Segment.One one ? one.name() : "")
        .filter(name -> !name.isEmpty())
        .toList();
  }
}
