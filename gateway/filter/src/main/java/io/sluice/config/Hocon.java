package io.sluice.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import io.sluice.config.Finding.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one HOCON text and reports whatever keeps it from being read, and what its author cannot
 * have meant. No text may include another.
 */
final class Hocon {

  /** Who wrote the text, and so what it may do. */
  private enum Trust {
    /** The operator: may take values from the environment; parser messages could show secrets. */
    SETTINGS,
    /** Data that may hold secrets: reads nothing but itself. */
    KEYS,
    /** Data without secrets, so that messages may quote it: reads nothing but itself. */
    RULES
  }

  /**
   * After these the parser would complain of what is not the author's mistake, or not come back.
   */
  private static final Set<Kind> MISLEADS_PARSER =
      EnumSet.of(Kind.CUT_BY_COMMENT, Kind.INCLUDE, Kind.TOO_DEEP, Kind.TOO_LONG);

  private Hocon() {}

  /**
   * Reads an operator's settings, where {@code ${?NAME}} stands for a variable of the environment.
   *
   * @return what could be read; empty after an error
   */
  static ConfigObject settings(
      String name, String text, Map<String, String> environment, Problems problems) {
    ConfigObject empty = ConfigFactory.empty().root();
    Config config = read(name, text, Trust.SETTINGS, problems);
    try {
      return config == null ? empty : config.resolve(resolution(environment)).root();
    } catch (ConfigException.UnresolvedSubstitution e) {
      problems.error(
          e.origin() == null ? new Place(name, 0) : Place.of(e.origin()),
          "a substitution names nothing that is set: expected ${?NAME}, which may be unset");
    } catch (ConfigException | StackOverflowError e) {
      problems.error(new Place(name, 0), "the substitutions in this file cannot be resolved");
    }
    return empty;
  }

  /**
   * Reads rules: data that neither includes nor substitutes, with each key written once.
   *
   * @return what could be read, or null when nothing could
   */
  static @Nullable ConfigObject rules(String name, String text, Problems problems) {
    return data(name, text, Trust.RULES, problems);
  }

  /** Reads keys as {@link #rules} reads rules, and quotes nothing of them. */
  static @Nullable ConfigObject keys(String name, String text, Problems problems) {
    return data(name, text, Trust.KEYS, problems);
  }

  private static @Nullable ConfigObject data(
      String name, String text, Trust trust, Problems problems) {
    Config config = read(name, text, trust, problems);
    return config == null || !config.isResolved() ? null : config.root();
  }

  /** Reads one of our own resources. */
  static ConfigObject resource(String resource) {
    try (InputStream in = Hocon.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + resource);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return ConfigFactory.parseString(text, options(resource)).root();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Config read(String name, String text, Trust trust, Problems problems) {
    boolean readable = true;
    for (Finding finding : HoconScan.of(text)) {
      if (trust != Trust.SETTINGS || MISLEADS_PARSER.contains(finding.kind())) {
        problems.error(new Place(name, finding.line()), message(finding));
        readable &= !MISLEADS_PARSER.contains(finding.kind());
      }
    }
    return readable ? parse(name, text, trust, problems) : null;
  }

  private static @Nullable Config parse(String name, String text, Trust trust, Problems problems) {
    try {
      return ConfigFactory.parseString(text, options(name));
    } catch (ConfigException e) {
      int line = e.origin() == null ? 0 : Math.max(0, e.origin().lineNumber());
      String message = String.valueOf(e.getMessage());
      problems.error(
          new Place(name, line), SyntaxErrors.explain(message, text, line, trust == Trust.RULES));
    } catch (StackOverflowError e) {
      problems.error(new Place(name, 0), "nested too deeply to be read");
    }
    return null;
  }

  private static String message(Finding finding) {
    return switch (finding.kind()) {
      case CUT_BY_COMMENT ->
          "'%s' begins a comment here, so the rest of the value is lost: put the value in quotes, or a space before the comment"
              .formatted(finding.detail());
      case DUPLICATE_KEY ->
          "'%s' stands here again, first in line %d: expected each key once"
              .formatted(finding.detail(), finding.otherLine());
      case INCLUDE -> SyntaxErrors.INCLUDE;
      case SUBSTITUTION ->
          "'%s' takes a value from elsewhere: expected plain values; write text with a $ in quotes"
              .formatted(finding.detail());
      case TOO_DEEP -> "nested deeper than %s levels".formatted(finding.detail());
      case TOO_LONG ->
          "longer than %s characters: expected line breaks; lists may span lines"
              .formatted(finding.detail());
    };
  }

  private static ConfigParseOptions options(String name) {
    return ConfigParseOptions.defaults()
        .setSyntax(ConfigSyntax.CONF)
        .setOriginDescription(name)
        .setAllowMissing(false)
        .setIncluder(new NoIncludes());
  }

  private static ConfigResolveOptions resolution(Map<String, String> environment) {
    return ConfigResolveOptions.defaults()
        .setUseSystemEnvironment(false)
        .appendResolver(new EnvironmentResolver(environment, null));
  }
}
