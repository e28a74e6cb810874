package io.sluice.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Lists the settings in force without their secrets. */
final class Settings {

  private Settings() {}

  /** Returns every setting of the reference, by key, with its value in the file or the default. */
  static List<Setting> of(ConfigObject own, Reference reference) {
    List<Setting> settings = new ArrayList<>();
    for (String key : keys(own, reference)) {
      ConfigValue value = at(own, key);
      settings.add(
          value == null
              ? new Setting(key, standard(key, at(reference.values(), key)), "default")
              : new Setting(key, shown(key, value), source(value)));
    }
    return settings;
  }

  /**
   * Returns the reference's keys, with the file's names where it names blocks as it likes. What the
   * elements of a list hold is shown with the list.
   */
  private static SortedSet<String> keys(ConfigObject own, Reference reference) {
    SortedSet<String> keys = new TreeSet<>();
    for (String key : reference.keys()) {
      int any = key.indexOf('.' + Section.ANY + '.');
      if (any >= 0) {
        String block = key.substring(0, any);
        String rest = key.substring(any + Section.ANY.length() + 2);
        Values.object(at(own, block)).keySet().forEach(n -> keys.add(block + '.' + n + '.' + rest));
      } else if (!key.contains(Section.ELEMENT)) {
        keys.add(key);
      }
    }
    return keys;
  }

  /** A block in a list of the reference says what each may hold, not that there is one. */
  private static String standard(String key, @Nullable ConfigValue value) {
    boolean shape =
        value instanceof ConfigList list && !list.isEmpty() && list.get(0) instanceof ConfigObject;
    return shape ? "[]" : shown(key, value);
  }

  private static String shown(String key, @Nullable ConfigValue value) {
    if (value == null) {
      return "(unset)";
    }
    if (Secrets.isSecret(key)) {
      return "(set)";
    }
    String text =
        value instanceof ConfigList
            ? value.render(ConfigRenderOptions.concise())
            : Values.text(value).orElse("");
    return Secrets.withoutUserInfo(text);
  }

  private static String source(ConfigValue value) {
    Place place = Place.of(value.origin());
    return place.line() > 0 ? place.file() + ':' + place.line() : place.file();
  }

  private static @Nullable ConfigValue at(ConfigObject root, String path) {
    ConfigValue value = root;
    for (String key : path.split("\\.", -1)) {
      value = Values.object(value).get(key);
    }
    return Values.set(value);
  }
}
