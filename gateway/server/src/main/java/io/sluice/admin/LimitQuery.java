package io.sluice.admin;

import io.sluice.identity.Identity;
import io.sluice.policy.KeyPart;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import io.sluice.request.IpAddress;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whom and what an operator asks about: the parameters of {@code /admin/limits}, each at most once.
 *
 * <p>A parameter is the key part of the same spelling, so {@code user=alice} and {@code
 * header.X-Tenant=acme}. One that is left out is unknown; one that is there and empty says that the
 * caller has no such part, and is then counted by its address as a request would be. Immutable.
 */
final class LimitQuery {

  private static final List<String> PLAIN =
      List.of("user", "ip", "api-key", "role", "method", "host", "path", "policy");
  private static final List<String> NAMED = List.of("header", "cookie", "query", "path", "claim");
  private static final String KNOWN =
      Stream.concat(PLAIN.stream(), NAMED.stream().map(word -> word + ".NAME"))
          .collect(Collectors.joining(", "));

  private final Map<String, String> values;

  private LimitQuery(Map<String, String> values) {
    this.values = values;
  }

  /** Reads a request's query. */
  static LimitQuery of(HttpServletRequest request) throws BadQueryException {
    Map<String, String> values = new TreeMap<>();
    for (Map.Entry<String, String[]> parameter : request.getParameterMap().entrySet()) {
      String name = parameter.getKey();
      if (!isKnown(name)) {
        throw new BadQueryException("unknown parameter '%s'; known are %s".formatted(name, KNOWN));
      }
      if (parameter.getValue().length != 1) {
        throw new BadQueryException("parameter '%s' is given more than once".formatted(name));
      }
      boolean header = name.startsWith("header.");
      values.put(header ? name.toLowerCase(Locale.ROOT) : name, parameter.getValue()[0]);
    }
    LimitQuery query = new LimitQuery(values);
    query.check();
    return query;
  }

  private static boolean isKnown(String name) {
    int dot = name.indexOf('.');
    return dot < 0
        ? PLAIN.contains(name)
        : NAMED.contains(name.substring(0, dot)) && dot < name.length() - 1;
  }

  private void check() throws BadQueryException {
    String ip = values.get("ip");
    if (ip != null && IpAddress.parse(ip) == null) {
      throw new BadQueryException("ip must be an address such as 192.0.2.1 or 2001:db8::1");
    }
    if (values.containsKey("path") && text("method", "").isEmpty()) {
      throw new BadQueryException("path needs method too, for example method=GET&path=/api/chat");
    }
  }

  /** Returns a query that tells of the caller's address alone. */
  LimitQuery addressOnly() {
    String ip = values.get("ip");
    return new LimitQuery(ip == null ? Map.of() : Map.of("ip", ip));
  }

  /** Returns whether nothing at all is asked. */
  boolean isEmpty() {
    return values.isEmpty();
  }

  /** Returns the policy asked for; null means all. */
  @Nullable String policy() {
    return values.get("policy");
  }

  /** Returns the raw path asked for; null means none in particular. */
  @Nullable String path() {
    return values.get("path");
  }

  /** Returns a parameter, or something else when it is left out. */
  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  /** Returns {@code kind.name}; null when it is left out. */
  @Nullable String named(String kind, String name) {
    String key = kind + "." + name;
    return values.get(kind.equals("header") ? key.toLowerCase(Locale.ROOT) : key);
  }

  /**
   * Returns the caller asked about.
   *
   * @param byAddress the caller as its address alone tells
   */
  Identity caller(Identity byAddress) {
    Map<String, String> claims = new HashMap<>();
    values.forEach((name, value) -> {
      if (name.startsWith("claim.") && !value.isEmpty()) {
        claims.put(name.substring("claim.".length()), value);
      }
    });
    Set<String> roles =
        Stream.of(text("role", "").split(","))
            .map(String::strip)
            .filter(role -> !role.isEmpty())
            .collect(Collectors.toSet());
    return new Identity(
        byAddress.address(),
        byAddress.network(),
        present("user"),
        present("api-key"),
        roles,
        claims,
        false);
  }

  /** Returns the parameters that would have to be given to know the limit's bucket. */
  List<String> missing(Policy policy, Limit limit) {
    List<String> missing = new ArrayList<>();
    boolean byAddress = false;
    for (KeyPart part : limit.key()) {
      String value = value(part, policy);
      if (value == null) {
        missing.add(part.kind() == KeyPart.Kind.ROUTE ? "path" : part.toString());
      }
      byAddress |= value != null && value.isEmpty();
    }
    if (byAddress && !values.containsKey("ip") && !missing.contains("ip")) {
      missing.add("ip");
    }
    return missing;
  }

  /** Returns what the query says of a key part: null when nothing, empty when it is absent. */
  private @Nullable String value(KeyPart part, Policy policy) {
    return switch (part.kind()) {
      case GLOBAL -> "all";
      case ROUTE -> policy.match().size() == 1 ? "the only one" : values.get("path");
      case PATH -> path() == null ? named("path", part.name()) : "in the path";
      case HEADER, COOKIE, QUERY, CLAIM -> named(part.kind().word(), part.name());
      case USER, IP, API_KEY, ROLE, METHOD, HOST -> values.get(part.kind().word());
    };
  }

  private @Nullable String present(String name) {
    String value = values.get(name);
    return value == null || value.isEmpty() ? null : value;
  }
}
