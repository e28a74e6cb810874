package io.sluice.config;

import io.sluice.policy.RoutePattern;
import io.sluice.policy.RoutePattern.Segment;
import io.sluice.request.CanonicalPath;
import io.sluice.request.IpAddress;
import io.sluice.request.PathRules;
import io.sluice.request.RefusedPathException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads which requests a policy or a route matches. Literal segments are read by the same code as
 * those of requests, so that a pattern covers every spelling of the path that its author wrote.
 */
public final class Patterns {

  /** The key that a plain text stands for; messages show it. */
  static final String LINE = "match";

  private static final Pattern NAMED = Pattern.compile("\\{([A-Za-z0-9_-]{1,64})}");
  private static final Pattern HOST =
      Pattern.compile("(\\*\\.)?[a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+]");
  private static final List<String> METHODS =
      List.of(
          "GET",
          "HEAD",
          "POST",
          "PUT",
          "PATCH",
          "DELETE",
          "OPTIONS",
          "TRACE",
          "CONNECT",
          "QUERY",
          "PROPFIND",
          "PROPPATCH",
          "MKCOL",
          "COPY",
          "MOVE",
          "LOCK",
          "UNLOCK",
          "REPORT",
          "SEARCH");

  private final PathRules rules;

  private Patterns(PathRules rules) {
    this.rules = rules;
  }

  /** Returns the pattern of everything. */
  static RoutePattern everything() {
    return new RoutePattern(Set.of(), null, List.of(new Segment.Rest()), "/**");
  }

  /**
   * Reads all of a block's {@code match}: one pattern or a list of them.
   *
   * @return the patterns, each once; none after an error, which has been reported
   */
  public static List<RoutePattern> of(Section block, PathRules rules) {
    Problems problems = block.problems();
    int before = problems.errors();
    Patterns patterns = new Patterns(rules);
    List<Section> lines = block.sections(LINE, LINE);
    List<RoutePattern> match = new ArrayList<>();
    for (Section line : lines) {
      RoutePattern pattern = patterns.read(line);
      if (pattern != null && match.stream().anyMatch(pattern::coversSameAs)) {
        block.warning(LINE, "%s stands here twice".formatted(Shown.quoted(pattern.text())));
      } else if (pattern != null) {
        match.add(pattern);
      }
    }
    if (lines.isEmpty() && problems.errors() == before) {
      block.problem(LINE, "covers no request: expected at least one path");
    }
    return problems.errors() == before ? match : List.of();
  }

  /** Reads one element of match; null after an error. */
  private @Nullable RoutePattern read(Section line) {
    return line.has(LINE) ? readText(line) : readBlock(line);
  }

  private @Nullable RoutePattern readText(Section line) {
    int before = line.problems().errors();
    String text = line.text(LINE);
    String[] words = text.strip().split("\\s+", -1);
    if (words.length > 2) {
      line.problem(LINE, "expected \"/path\" or \"METHOD /path\"");
      return null;
    }
    Set<String> methods = words.length == 2 ? methods(line, LINE, List.of(words[0])) : Set.of();
    List<Segment> segments = segments(line, LINE, words[words.length - 1]);
    return line.problems().errors() > before
        ? null
        : new RoutePattern(methods, null, segments, text);
  }

  private @Nullable RoutePattern readBlock(Section block) {
    int before = block.problems().errors();
    List<String> words = block.has("methods") ? block.texts("methods") : List.of();
    if (block.has("methods") && words.isEmpty()) {
      block.problem("methods", "covers no request; leave it out to cover every method");
    }
    Set<String> methods = methods(block, "methods", words);
    String path = block.text("path");
    List<Segment> segments = segments(block, "path", path.strip());
    Optional<String> host = block.optional("host");
    String bareHost = host.isEmpty() ? null : host(block, host.get());
    String text = (methods.isEmpty() ? "" : String.join(",", words) + ' ') + host.orElse("") + path;
    return block.problems().errors() > before
        ? null
        : new RoutePattern(methods, bareHost, segments, text);
  }

  private static Set<String> methods(Section line, String key, List<String> words) {
    Set<String> methods = new LinkedHashSet<>();
    for (String method : words) {
      if (!METHODS.contains(method)) {
        checkMethod(line, key, method);
      }
      methods.add(method);
    }
    return methods;
  }

  private static void checkMethod(Section line, String key, String method) {
    String upper = method.toUpperCase(Locale.ROOT);
    if (!IdentityReader.TOKEN.matcher(method).matches() || method.equals("*")) {
      line.problem(
          key,
          "%s is no method: expected one like POST, several as methods = [POST, PUT], or none to cover all"
              .formatted(Shown.quoted(method)));
    } else if (METHODS.contains(upper)) {
      line.problem(key, "methods are case-sensitive; did you mean %s?".formatted(upper));
    } else {
      Nearest.to(method, METHODS)
          .ifPresent(near ->
              line.warning(
                  key, "%s is no common method; did you mean %s?".formatted(method, near)));
    }
  }

  private static @Nullable String host(Section block, String text) {
    String host = text.toLowerCase(Locale.ROOT);
    boolean address = host.startsWith("[") && IpAddress.parse(host) != null;
    if (HOST.matcher(host).matches() && (address || !host.startsWith("["))) {
      return host;
    }
    block.problem(
        "host", "expected a host without scheme or port, like files.example.com or *.example.com");
    return null;
  }

  private List<Segment> segments(Section line, String key, String path) {
    if (!path.startsWith("/")) {
      line.problem(
          key, "a path begins with a slash; did you mean %s?".formatted(Shown.quoted("/" + path)));
      return List.of();
    }
    List<Segment> segments = new ArrayList<>();
    Set<String> names = new HashSet<>();
    String[] texts = path.equals("/") ? new String[0] : path.substring(1).split("/", -1);
    for (int i = 0; i < texts.length; i++) {
      boolean last = i == texts.length - 1;
      if (last && texts[i].isEmpty() && rules.foldTrailingSlash()) {
        break;
      }
      Segment segment = segment(line, key, texts[i], last);
      if (segment instanceof Segment.One one && !one.name().isEmpty() && !names.add(one.name())) {
        line.problem(key, "two segments are named {%s}".formatted(one.name()));
      }
      if (segment != null) {
        segments.add(segment);
      }
    }
    return segments;
  }

  private @Nullable Segment segment(Section line, String key, String text, boolean last) {
    if (text.equals("**")) {
      if (!last) {
        line.problem(key, "** covers the rest, so it must be the last segment; did you mean *?");
      }
      return last ? new Segment.Rest() : null;
    }
    if (text.equals("*")) {
      return new Segment.One("");
    }
    var named = NAMED.matcher(text);
    if (named.matches()) {
      return new Segment.One(named.group(1));
    }
    String wrong = wrong(text, last);
    if (wrong != null) {
      line.problem(key, wrong);
      return null;
    }
    return text.isEmpty() ? new Segment.Literal("") : literal(line, key, text);
  }

  private static @Nullable String wrong(String text, boolean last) {
    if (text.isEmpty()) {
      return last ? null : "// is an empty segment, and requests with one are refused; expected /";
    }
    if (text.indexOf('*') >= 0) {
      return "* stands for a whole segment: expected /*/ or, at the end, /**";
    }
    if (text.indexOf('{') >= 0 || text.indexOf('}') >= 0) {
      return "{name} stands for a whole segment, with letters, digits, _ or - in the name";
    }
    if (text.indexOf('?') >= 0 || text.indexOf('#') >= 0) {
      return "the query is no part of the path: expected the path only";
    }
    if (text.indexOf(';') >= 0) {
      return ";parameters are removed before matching: expected the path without them";
    }
    return null;
  }

  private @Nullable Segment literal(Section line, String key, String text) {
    try {
      List<String> read = CanonicalPath.of("/" + text, rules).segments();
      if (read.size() == 1 && !read.get(0).isEmpty()) {
        return new Segment.Literal(read.get(0));
      }
      line.problem(key, "dot segments are removed before matching: expected the path without them");
    } catch (RefusedPathException e) {
      line.problem(key, "no request can match: " + e.getMessage());
    }
    return null;
  }
}
