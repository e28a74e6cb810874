package io.sluice.limit;

import io.sluice.identity.Identity;
import io.sluice.policy.KeyPart;
import io.sluice.policy.Limit;
import io.sluice.policy.Match;
import io.sluice.request.RequestView;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Describes whom a limit counts: the values of its key parts, each with its kind and length, so
 * that no choice of values can describe somebody else.
 *
 * <p>An absent part is replaced by the caller's address: callers that cannot be told apart by the
 * part asked for are told apart by where they come from, and never share one bucket by accident.
 */
final class CallerKey {

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

  private CallerKey() {}

  /** Returns the description that is digested into a bucket's key. */
  static String describe(Limit limit, Match match, RequestView request, Identity caller) {
    StringBuilder out = new StringBuilder(48);
    for (KeyPart part : limit.key()) {
      String value = value(part, match, request, caller);
      if (value == null) {
        append(out, "ip", caller.network());
      } else {
        append(out, part.toString(), value);
      }
    }
    return out.toString();
  }

  private static void append(StringBuilder out, String part, String value) {
    out.append(part).append('=').append(value.length()).append(':').append(value).append(';');
  }

  private static @Nullable String value(
      KeyPart part, Match match, RequestView request, Identity caller) {
    return switch (part.kind()) {
      case USER -> caller.user();
      case IP -> caller.network();
      case API_KEY -> caller.apiKey();
      case HEADER -> present(request.header(part.name()));
      case COOKIE -> present(request.cookie(part.name()));
      case QUERY -> present(request.query(part.name()));
      case PATH -> segment(part.name(), match, request);
      case CLAIM -> caller.claims().get(part.name());
      case ROLE ->
          caller.roles().isEmpty() ? null : String.join(",", new TreeSet<>(caller.roles()));
      case METHOD -> METHODS.contains(request.method()) ? request.method() : "other";
      case ROUTE -> match.pattern().text();
      case HOST -> present(request.host());
      case GLOBAL -> "";
    };
  }

  private static @Nullable String present(@Nullable String value) {
    return value == null || value.isEmpty() ? null : value;
  }

  private static @Nullable String segment(String name, Match match, RequestView request) {
    int index = match.pattern().indexOf(name);
    List<String> segments = request.path().segments();
    return index < 0 || index >= segments.size() ? null : present(segments.get(index));
  }
}
