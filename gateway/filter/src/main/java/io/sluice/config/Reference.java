package io.sluice.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The list of all keys of one kind of file, with their defaults: a resource that is also the
 * manual. A key whose default is null may be left unset; the one element of a list of blocks shows
 * what each element may hold. Immutable and thread-safe.
 */
final class Reference {

  /** The gateway's settings. */
  static final Reference GATEWAY = new Reference("reference.conf");

  /** One policy. */
  static final Reference POLICY = new Reference("reference-policy.conf");

  /** The API keys. */
  static final Reference API_KEYS = new Reference("reference-api-keys.conf");

  private final ConfigObject values;

  private Reference(String resource) {
    this.values = Hocon.resource(resource);
  }

  ConfigObject values() {
    return values;
  }

  /** Reports every key that the reference does not have. */
  void check(ConfigObject own, Problems problems) {
    check(own, values, "", problems);
  }

  /** Returns the paths of all keys that hold a value, lists of blocks element by element. */
  Set<String> keys() {
    Set<String> keys = new TreeSet<>();
    collect(values, "", keys);
    return keys;
  }

  private void check(ConfigObject own, ConfigObject known, String path, Problems problems) {
    own.forEach((key, value) -> {
      ConfigValue standard = known.getOrDefault(key, known.get(Section.ANY));
      if (standard == null) {
        problems.error(Place.of(value.origin()), unknown(path, key, known.keySet()));
      } else if (standard instanceof ConfigObject block) {
        check(Values.object(value), block, path + key + '.', problems);
      } else {
        checkElements(value, standard, path + key, problems);
      }
    });
  }

  private void checkElements(
      ConfigValue value, ConfigValue standard, String path, Problems problems) {
    for (ConfigValue shape : Values.elements(standard)) {
      for (ConfigValue element : Values.elements(value)) {
        if (shape instanceof ConfigObject known && element instanceof ConfigObject block) {
          check(block, known, path + '.', problems);
        }
      }
    }
  }

  private static String unknown(String path, String key, Set<String> known) {
    return "unknown key '%s%s': expected %s"
        .formatted(path, Shown.cut(key), Nearest.expected(key, new TreeSet<>(known)));
  }

  private static void collect(ConfigObject block, String path, Set<String> keys) {
    block.forEach((key, value) -> {
      List<ConfigValue> elements = Values.elements(value);
      if (value instanceof ConfigObject inner) {
        collect(inner, path + key + '.', keys);
      } else {
        keys.add(path + key);
        if (!elements.isEmpty() && elements.get(0) instanceof ConfigObject element) {
          collect(element, path + key + Section.ELEMENT, keys);
        }
      }
    });
  }
}
