package io.sluice.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes the URL of a Redis apart into the keys of the block {@code redis} that say the same. User
 * and password are percent-encoded (RFC 3986, section 2.1). What the parts hold is judged by
 * whoever reads the keys; what this class says of a URL shows nothing of it.
 */
final class RedisUrl {

  private static final String LOGIN = "(?:([^:@/?#,\\s]*):([^@/?#\\s]*)@)?";

  private static final Pattern SERVERS =
      Pattern.compile(
          "redis(s?)(|-sentinel|-cluster)://"
              + LOGIN
              + "([^/@?#\\s]+)(?:/([0-9]{0,5}))?(?:#([^#@\\s]+))?");
  private static final Pattern SOCKET =
      Pattern.compile("redis-socket://" + LOGIN + "(/[^@?#\\s]+)(?:\\?database=([0-9]{1,5}))?");
  private static final Pattern BAD_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");

  private static final String STANDARD_PORT = "6379";

  private final Map<String, Object> keys = new LinkedHashMap<>();

  private RedisUrl() {}

  /** Returns the keys within {@code redis} and their values; nothing when it is no such URL. */
  static Optional<Map<String, Object>> keys(String url) {
    if (BAD_PERCENT.matcher(url).find()) {
      return Optional.empty();
    }
    RedisUrl read = new RedisUrl();
    return read.servers(SERVERS.matcher(url)) || read.socket(SOCKET.matcher(url))
        ? Optional.of(read.keys)
        : Optional.empty();
  }

  /** Returns what a person should have written instead of the text. */
  static String expected(String text) {
    if (BAD_PERCENT.matcher(text).find()) {
      return "expected user and password percent-encoded: a % and two hex digits";
    }
    return "expected "
        + form(text.replaceFirst("^rediss", "redis"))
        + "; rediss instead of redis asks for TLS, user, password, port and database may be left"
        + " out, user and password are percent-encoded";
  }

  private static String form(String text) {
    if (text.startsWith("redis-sentinel:")) {
      return "redis-sentinel://user:password@host:port,host:port/database#master";
    }
    if (text.startsWith("redis-cluster:")) {
      return "redis-cluster://user:password@host:port,host:port";
    }
    if (text.startsWith("redis-socket:")) {
      return "redis-socket://user:password@/path/of/redis.sock?database=0";
    }
    return "redis://user:password@host:port/database, redis-socket://, redis-sentinel:// or"
        + " redis-cluster://";
  }

  private boolean servers(Matcher parts) {
    if (!parts.matches()) {
      return false;
    }
    if (!parts.group(1).isEmpty()) {
      keys.put("tls.enabled", true);
    }
    login(parts.group(3), parts.group(4));
    put("database", parts.group(6));
    List<String> servers = List.of(parts.group(5).split(",", -1));
    String master = parts.group(7);
    return switch (parts.group(2)) {
      case "-sentinel" -> sentinel(servers, master);
      case "-cluster" -> master == null && put("cluster.nodes", servers);
      default -> master == null && servers.size() == 1 && server(servers.get(0));
    };
  }

  private boolean socket(Matcher parts) {
    if (!parts.matches()) {
      return false;
    }
    login(parts.group(1), parts.group(2));
    put("database", parts.group(4));
    return put("socket", decoded(parts.group(3)));
  }

  private boolean sentinel(List<String> servers, @Nullable String master) {
    return master != null
        && put("sentinel.master", decoded(master))
        && put("sentinel.nodes", servers);
  }

  private boolean server(String address) {
    int colon = address.lastIndexOf(':');
    boolean hasPort = colon > address.lastIndexOf(']');
    put("host", hasPort ? address.substring(0, colon) : address);
    return put("port", hasPort ? address.substring(colon + 1) : STANDARD_PORT);
  }

  private void login(@Nullable String username, @Nullable String password) {
    put("username", username == null ? null : decoded(username));
    put("password", password == null ? null : decoded(password));
  }

  private boolean put(String key, @Nullable Object value) {
    if (value != null && !value.equals("")) {
      keys.put(key, value);
    }
    return true;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
  }
}
