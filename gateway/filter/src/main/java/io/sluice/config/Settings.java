package io.sluice.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists the settings in force without their secrets. */
final class Settings {

  private Settings() {}

  /** Returns every setting of the reference, by key, with its value in the file or the default. */
  static List<Setting> of(ConfigObject own, Reference reference) {
    List<Setting> settings = new ArrayList<>();
    for (String key : reference.keys()) {
      ConfigValue value = at(own, key);
      settings.add(
          value == null
              ? new Setting(key, shown(key, at(reference.values(), key)), "default")
              : new Setting(key, shown(key, value), source(value)));
    }
    return settings;
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
