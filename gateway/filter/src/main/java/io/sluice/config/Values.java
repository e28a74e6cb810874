package io.sluice.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads single values strictly: whatever the library would round, guess or convert is refused. */
final class Values {

  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._/-]+");

  private Values() {}

  /** Returns the value, or null where it is absent or written as null: both mean unset. */
  static @Nullable ConfigValue set(@Nullable ConfigValue value) {
    return value == null || value.valueType() == ConfigValueType.NULL ? null : value;
  }

  /** Returns a text that is not blank; numbers and truth values as they were written. */
  static Optional<String> text(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> Optional.of(asWritten(value)).filter(t -> !t.isBlank());
      default -> Optional.empty();
    };
  }

  /** Returns all texts of a list, or a text alone; nothing when an element is no text. */
  static Optional<List<String>> texts(ConfigValue value) {
    if (value instanceof ConfigObject) {
      return Optional.empty();
    }
    List<String> texts = new ArrayList<>();
    for (ConfigValue element : elements(value)) {
      Optional<String> text = text(element);
      if (text.isEmpty()) {
        return Optional.empty();
      }
      texts.add(text.get());
    }
    return Optional.of(texts);
  }

  /** Returns a whole number; quoted ones count, for the environment has no others. */
  static Optional<Long> number(ConfigValue value) {
    return text(value).filter(text -> WHOLE.matcher(text).matches()).map(Long::valueOf);
  }

  static Optional<Boolean> flag(ConfigValue value) {
    return text(value)
        .flatMap(text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true", "yes", "on" -> Optional.of(true);
              case "false", "no", "off" -> Optional.of(false);
              default -> Optional.empty();
            });
  }

  static Optional<Path> path(ConfigValue value) {
    return text(value)
        .flatMap(text -> {
          try {
            return Optional.of(Path.of(text));
          } catch (InvalidPathException e) {
            return Optional.empty();
          }
        });
  }

  /** Returns the value as a block; an empty one when it is none. */
  static ConfigObject object(@Nullable ConfigValue value) {
    return value instanceof ConfigObject object ? object : ConfigFactory.empty().root();
  }

  /** Returns the elements of a list, or the value alone; nothing of nothing. */
  static List<ConfigValue> elements(@Nullable ConfigValue value) {
    if (set(value) == null) {
      return List.of();
    }
    return value instanceof ConfigList list ? List.copyOf(list) : List.of(value);
  }

  /** Returns the constants of an enum by the words that configuration has for them. */
  static <E extends Enum<E>> Map<String, E> words(Class<E> type) {
    Map<String, E> words = new LinkedHashMap<>();
    for (E constant : type.getEnumConstants()) {
      words.put(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'), constant);
    }
    return words;
  }

  /** Returns {@code = value} as far as it helps a person to find it; nothing of blocks. */
  static String shown(@Nullable ConfigValue value) {
    if (value == null || value instanceof ConfigObject) {
      return "";
    }
    if (value instanceof ConfigList) {
      return " = "
          + Shown.cut(Secrets.withoutUserInfo(value.render(ConfigRenderOptions.concise())));
    }
    String text = Secrets.withoutUserInfo(asWritten(value));
    return " = " + (PLAIN.matcher(text).matches() ? Shown.cut(text) : Shown.quoted(text));
  }

  /**
   * The library keeps the spelling of numbers, {@code 5.0} and {@code 0123}, for this call only.
   */
  private static String asWritten(ConfigValue value) {
    return value.atKey("value").getString("value");
  }
}
