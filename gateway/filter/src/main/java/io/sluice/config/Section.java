package io.sluice.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A block of configuration, read key by key.
 *
 * <p>A key that the file leaves out, or sets to null, has the value of the reference. A value that
 * is not what was expected is reported with its file and line, and the reference's value is
 * returned, so that reading goes on and everything wrong is reported at once; where the reference
 * has none, the lowest or an empty value is. What was read counts only when the problems hold no
 * error.
 *
 * <p>Unknown keys are reported when the file is loaded, not here: the reference is the list of all
 * keys. For one thread at a time.
 */
public final class Section {

  static final String ELEMENT = "[].";

  /** The reference's name for a block that the file names as it likes. */
  static final String ANY = "*";

  /** What messages leave out: the line says which element of a list, or which block it is. */
  private static final List<String> UNSHOWN = List.of(ELEMENT, "." + ANY + ".");

  private final Reading reading;
  private final String path;
  private final Place place;
  private final ConfigObject own;
  private final ConfigObject reference;

  Section(Reading reading, String path, Place place, ConfigObject own, ConfigObject reference) {
    this.reading = reading;
    this.path = path;
    this.place = place;
    this.own = own;
    this.reference = reference;
  }

  /** Returns whether the file or the environment sets the key. */
  public boolean has(String key) {
    return own(key) != null;
  }

  /** Returns a text that must be there and not be blank. */
  public String text(String key) {
    return optional(key).orElseGet(() -> missing(key, ""));
  }

  /** Returns a text, or nothing where neither file nor reference has one. */
  public Optional<String> optional(String key) {
    return read(key, "text that is not blank", Values::text);
  }

  /** Returns a file or folder; a relative one starts at the folder of the file that names it. */
  public Path path(String key) {
    return file(key).orElseGet(() -> missing(key, reading.folder()));
  }

  /** Returns a file or folder, or nothing where neither file nor reference names one. */
  public Optional<Path> file(String key) {
    return read(
        key, "the name of a file or folder", value -> Values.path(value).map(this::resolve));
  }

  /** Returns one of an enum's constants, spelled in lower case with dashes. */
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    Map<String, E> words = Values.words(type);
    return read(
            key,
            value -> Nearest.expected(Values.text(value).orElse(""), words.keySet()),
            value -> Values.text(value).flatMap(word -> Optional.ofNullable(words.get(word))))
        .orElseGet(() -> missing(key, words.values().iterator().next()));
  }

  /** Returns several of an enum's constants, spelled in lower case with dashes. */
  public <E extends Enum<E>> List<E> choices(String key, Class<E> type) {
    Map<String, E> words = Values.words(type);
    List<E> chosen = new ArrayList<>();
    for (String word : texts(key)) {
      E constant = words.get(word);
      if (constant == null) {
        problem(key, "expected " + Nearest.expected(word, words.keySet()));
      } else {
        chosen.add(constant);
      }
    }
    return chosen;
  }

  /** Returns a whole number within bounds. */
  public int integer(String key, int least, int most) {
    return (int) number(key, least, most);
  }

  /** Returns a whole number within bounds. */
  public long number(String key, long least, long most) {
    return read(
            key,
            "a whole number from %d to %d".formatted(least, most),
            value -> Values.number(value).filter(n -> n >= least && n <= most))
        .orElseGet(() -> missing(key, least));
  }

  /** Returns true or false. */
  public boolean flag(String key) {
    return read(key, "true or false", Values::flag).orElseGet(() -> missing(key, false));
  }

  /** Returns a duration within bounds; the file must name the unit. */
  public Duration duration(String key, Duration least, Duration most) {
    return read(
            key,
            value -> Durations.expected(Values.text(value).orElse(""), least, most),
            value ->
                Values.text(value)
                    .flatMap(Durations::parse)
                    .filter(d -> d.compareTo(least) >= 0 && d.compareTo(most) <= 0))
        .orElseGet(() -> missing(key, least));
  }

  /** Returns a size in octets within bounds; the file must name the unit. */
  public long size(String key, long least, long most) {
    return read(
            key,
            Sizes.EXPECTED + ", from " + Sizes.render(least) + " to " + Sizes.render(most),
            value ->
                Values.text(value)
                    .flatMap(Sizes::parse)
                    .filter(size -> size >= least && size <= most))
        .orElseGet(() -> missing(key, least));
  }

  /** Returns a URL of one of the schemes, with a host and without user or password. */
  public URI uri(String key, String... schemes) {
    return read(
            key,
            value -> Urls.expected(Values.text(value).orElse(""), schemes),
            value -> Values.text(value).flatMap(text -> Urls.parse(text, schemes)))
        .orElseGet(() -> missing(key, URI.create(schemes[0] + "://localhost")));
  }

  /** Returns a list of texts; one text alone is a list of one. */
  public List<String> texts(String key) {
    return read(key, "a text or a list of texts", Values::texts)
        .orElseGet(() -> missing(key, List.of()));
  }

  /** Returns a block; an empty one where the file has none. */
  public Section section(String key) {
    ConfigValue value = own(key);
    if (value != null && !(value instanceof ConfigObject)) {
      problem(key, "expected a block, %s { ... }".formatted(key));
    }
    return new Section(
        reading,
        path + key + ".",
        value == null ? place : Place.of(value.origin()),
        Values.object(value),
        Values.object(reference.get(key)));
  }

  /** Returns the blocks within a block by the names that the file gives them, line by line. */
  public Map<String, Section> named(String key) {
    Section block = section(key);
    ConfigObject standard = Values.object(Values.object(reference.get(key)).get(ANY));
    Map<String, Section> found = new LinkedHashMap<>();
    block.own.entrySet().stream()
        .sorted(
            Comparator.comparingInt((Map.Entry<String, ConfigValue> entry) ->
                    Place.of(entry.getValue().origin()).line())
                .thenComparing(Map.Entry::getKey))
        .forEach(entry -> {
          if (!(entry.getValue() instanceof ConfigObject)) {
            block.problem(entry.getKey(), "expected a block, %s { ... }".formatted(entry.getKey()));
          }
          found.put(
              entry.getKey(),
              new Section(
                  reading,
                  block.path + ANY + '.',
                  Place.of(entry.getValue().origin()),
                  Values.object(entry.getValue()),
                  standard));
        });
    return found;
  }

  /** Returns the blocks of a list; one block alone is a list of one, a missing list is empty. */
  public List<Section> sections(String key) {
    return sections(key, "");
  }

  /** Returns the blocks of a list, where a plain text stands for a block with only this key. */
  List<Section> sections(String key, String shorthand) {
    reading.keysRead().add(path + key);
    List<Section> found = new ArrayList<>();
    for (ConfigValue element : Values.elements(own(key))) {
      Optional<String> text = Values.text(element);
      if (element instanceof ConfigObject object) {
        found.add(element(key, object, element));
      } else if (!shorthand.isEmpty() && text.isPresent()) {
        found.add(element(key, element.atKey(shorthand).root(), element));
      } else {
        reading
            .problems()
            .error(
                Place.of(element.origin()),
                shown(key, element)
                    + (shorthand.isEmpty()
                        ? ": expected blocks, [ { ... } ]"
                        : ": expected a text or a block, or a list of them"));
      }
    }
    return found;
  }

  /** Reports an error: the key and its value, unless it is secret, and then the message. */
  public void problem(String key, String message) {
    reading.problems().error(placeOf(key), shown(key, own(key)) + ": " + message);
  }

  /** Reports a warning: the key and its value, unless it is secret, and then the message. */
  public void warning(String key, String message) {
    reading.problems().warning(placeOf(key), shown(key, own(key)) + ": " + message);
  }

  /** Returns the line in which the key stands, or its block; 0 when it stands in no file. */
  public int line(String key) {
    return placeOf(key).line();
  }

  Problems problems() {
    return reading.problems();
  }

  /** Returns where the key is written, or where its block is. */
  Place placeOf(String key) {
    ConfigValue value = own(key);
    return value == null ? place : Place.of(value.origin());
  }

  private Path resolve(Path named) {
    Path path = reading.folder().resolve(named).normalize();
    return path.toString().isEmpty() ? Path.of(".") : path;
  }

  private Section element(String key, ConfigObject object, ConfigValue element) {
    List<ConfigValue> known = Values.elements(reference.get(key));
    return new Section(
        reading,
        path + key + ELEMENT,
        Place.of(element.origin()),
        object,
        Values.object(known.isEmpty() ? null : known.get(0)));
  }

  private <T> Optional<T> read(
      String key, String expected, Function<ConfigValue, Optional<T>> reader) {
    return read(key, value -> expected, reader);
  }

  private <T> Optional<T> read(
      String key,
      Function<ConfigValue, String> expected,
      Function<ConfigValue, Optional<T>> reader) {
    reading.keysRead().add(path + key);
    ConfigValue value = own(key);
    Optional<T> found = value == null ? Optional.empty() : reader.apply(value);
    if (value != null && found.isEmpty()) {
      problem(key, "expected " + expected.apply(value));
    }
    ConfigValue standard = Values.set(reference.get(key));
    return found.isPresent() || standard == null ? found : reader.apply(standard);
  }

  /** A value that was there and was refused has been reported already. */
  private <T> T missing(String key, T neutral) {
    if (!has(key)) {
      problem(key, "missing");
    }
    return neutral;
  }

  private @Nullable ConfigValue own(String key) {
    return Values.set(own.get(key));
  }

  /** Elements of lists show their bare keys: the line says which element it is. */
  private String shown(String key, @Nullable ConfigValue value) {
    int shownFrom = 0;
    for (String mark : UNSHOWN) {
      int at = path.lastIndexOf(mark);
      shownFrom = Math.max(shownFrom, at < 0 ? 0 : at + mark.length());
    }
    String name = path.substring(shownFrom) + key;
    return Secrets.isSecret(key) ? name : name + Values.shown(value);
  }
}
