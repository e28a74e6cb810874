package io.sluice.config;

import com.typesafe.config.ConfigObject;
import io.sluice.identity.ApiKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the file of API keys, which holds their digests and never the keys themselves. */
final class ApiKeysFile {

  private static final Pattern SHA_256 = Pattern.compile("[0-9A-Fa-f]{64}");

  /** What hashing nothing yields: whoever made the entry lost the key on the way. */
  private static final String SHA_256_OF_NOTHING =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  private final Problems problems;
  private final Set<String> ids = new HashSet<>();
  private final Set<String> digests = new HashSet<>();

  private ApiKeysFile(Problems problems) {
    this.problems = problems;
  }

  /** Returns the keys of the file that are sound, and reports what is wrong with the others. */
  static List<ApiKey> read(Path file, Problems problems) {
    String text = TextFile.read(file, problems);
    ConfigObject own = text == null ? null : Hocon.keys(file.toString(), text, problems);
    if (own == null) {
      return List.of();
    }
    Reference.API_KEYS.check(own, problems);
    Path folder = file.toAbsolutePath().getRoot();
    Reading reading = new Reading(file.toString(), folder == null ? file : folder, problems);
    return new ApiKeysFile(problems).keys(reading.root(own, Reference.API_KEYS.values()));
  }

  private List<ApiKey> keys(Section root) {
    List<ApiKey> keys = new ArrayList<>();
    for (Section entry : root.sections("keys")) {
      int before = problems.errors();
      String id = id(entry);
      String digest = digest(entry);
      String user = entry.optional("user").orElse(null);
      List<String> roles = entry.texts("roles");
      if (problems.errors() == before) {
        keys.add(new ApiKey(id, HexFormat.of().parseHex(digest), user, Set.copyOf(roles)));
      }
    }
    return keys;
  }

  private String id(Section entry) {
    String id = entry.text("id");
    if (!id.isEmpty() && !Names.isPart(id)) {
      entry.problem("id", "expected " + Names.EXPECTED);
    } else if (!id.isEmpty() && !ids.add(id)) {
      entry.problem("id", "stands here twice: expected each id once");
    }
    return id;
  }

  private String digest(Section entry) {
    String digest = entry.text("sha256").toLowerCase(Locale.ROOT);
    if (!entry.has("sha256")) {
      return digest;
    }
    if (!SHA_256.matcher(digest).matches()) {
      entry.problem("sha256", "expected 64 hex digits, as printf %s \"$KEY\" | sha256sum prints");
    } else if (digest.equals(SHA_256_OF_NOTHING)) {
      entry.problem("sha256", "this is the digest of an empty key");
    } else if (!digests.add(digest)) {
      entry.problem("sha256", "another entry has the same key: expected each key once");
    }
    return digest;
  }
}
