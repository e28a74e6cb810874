package io.sluice.config;

import io.sluice.identity.ApiKey;
import io.sluice.identity.IdentitySettings;
import io.sluice.request.Cidr;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads how callers are told apart. */
final class IdentityReader {

  /** A field name: the token of RFC 9110, section 5.6.2. */
  static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private static final int SHORT_SECRET = 16;

  private IdentityReader() {}

  static IdentitySettings read(Section identity) {
    Section apiKeys = identity.section("api-keys");
    return new IdentitySettings(
        trustedProxies(identity),
        fieldName(identity.section("user")),
        fieldName(identity.section("roles")),
        fieldName(apiKeys),
        apiKeys(apiKeys),
        identity.integer("ipv6-prefix", 32, 128),
        secret(identity).orElse(null));
  }

  private static List<Cidr> trustedProxies(Section identity) {
    List<Cidr> proxies = new ArrayList<>();
    for (String text : identity.texts("trusted-proxies")) {
      Optional<Cidr> block = cidr(text);
      if (block.isEmpty()) {
        identity.problem(
            "trusted-proxies",
            "expected addresses or blocks like \"10.0.0.0/8\", not " + Shown.quoted(text));
      } else if (block.get().prefix() == 0) {
        identity.warning(
            "trusted-proxies", "believes what anybody says of address, user and roles");
      }
      block.ifPresent(proxies::add);
    }
    return proxies;
  }

  /** Reads a block of addresses; empty when the text is none. */
  static Optional<Cidr> cidr(String text) {
    try {
      return Optional.of(Cidr.parse(text.strip()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String fieldName(Section block) {
    String name = block.text("header");
    if (!TOKEN.matcher(name).matches()) {
      block.problem("header", "expected the name of a header field, for example X-User-Id");
    }
    return name;
  }

  private static List<ApiKey> apiKeys(Section apiKeys) {
    Optional<Path> file = apiKeys.file("file");
    return file.isEmpty() ? List.of() : ApiKeysFile.read(file.get(), apiKeys.problems());
  }

  private static Optional<String> secret(Section identity) {
    Optional<String> secret = identity.optional("secret");
    if (secret.isPresent() && secret.get().length() < SHORT_SECRET) {
      identity.warning(
          "secret",
          "shorter than %d characters, so it can be guessed: try openssl rand -hex 32"
              .formatted(SHORT_SECRET));
    }
    return secret;
  }
}
