package io.sluice.config;

import io.sluice.config.Finding.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Looks through a HOCON text for what its parser does silently and its author did not mean: values
 * cut off by a comment, keys that overwrite or merge with earlier ones, includes, substitutions,
 * depth that exhausts the stack and lines that take minutes.
 *
 * <p>One pass over the characters with a stack of open braces; strings and comments are told apart
 * from the rest as the HOCON specification does. It need not find syntax errors: the parser does.
 */
final class HoconScan {

  private static final int DEEPEST = 64;

  /** The parser joins the words of one line in quadratic time; this keeps it below a second. */
  private static final int LONGEST_LINE = 65_536;

  private static final Pattern INCLUDE =
      Pattern.compile("include\\s*(\"|required\\s*\\(|file\\s*\\(|url\\s*\\(|classpath\\s*\\().*");

  private static final Pattern SIMPLY_QUOTED = Pattern.compile("\"[A-Za-z0-9_-]+\"");

  /** An open brace or bracket. */
  private static final class Frame {
    private final boolean object;
    private final Map<String, Integer> keys = new HashMap<>();
    private final StringBuilder key = new StringBuilder();
    private boolean inValue;
    private boolean valueSeen;

    private Frame(boolean object) {
      this.object = object;
      this.inValue = !object;
    }

    private void nextEntry() {
      key.setLength(0);
      inValue = !object;
      valueSeen = false;
    }
  }

  private final String text;
  private final List<Finding> findings = new ArrayList<>();
  private final Deque<Frame> open = new ArrayDeque<>();
  private int line = 1;
  private int lineStart;

  private HoconScan(String text) {
    this.text = text;
  }

  /** Returns what was found, in the order of the text. */
  static List<Finding> of(String text) {
    HoconScan scan = new HoconScan(text);
    scan.run();
    return scan.findings;
  }

  private void run() {
    open.push(new Frame(true));
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c == '"') {
        i = string(i);
      } else if (c == '#' || text.startsWith("//", i)) {
        i = comment(i);
      } else {
        structure(c, i);
        i++;
      }
    }
    endLine(text.length());
    endEntry();
  }

  private void structure(char c, int i) {
    switch (c) {
      case '\n' -> newline(i);
      case '{' -> openObject();
      case '[' -> openList();
      case '}', ']' -> close();
      case ',' -> endEntry();
      case '=', ':' -> separator(c);
      case '$' -> substitution(i);
      default -> word(c);
    }
  }

  private Frame top() {
    return open.getFirst();
  }

  private void newline(int i) {
    endLine(i);
    Frame frame = top();
    if (frame.object && (!frame.inValue || frame.valueSeen)) {
      endEntry();
    }
    line++;
    lineStart = i + 1;
  }

  private void endLine(int end) {
    if (end - lineStart > LONGEST_LINE) {
      found(Kind.TOO_LONG, String.valueOf(LONGEST_LINE), 0);
    }
  }

  private void endEntry() {
    Frame frame = top();
    if (frame.object && !frame.inValue && INCLUDE.matcher(keyOf(frame)).matches()) {
      found(Kind.INCLUDE, "", 0);
    }
    frame.nextEntry();
  }

  private void separator(char c) {
    Frame frame = top();
    if (frame.inValue) {
      frame.valueSeen = true;
      return;
    }
    checkDots(frame);
    if (c == '=' && keyOf(frame).endsWith("+")) {
      found(Kind.SUBSTITUTION, "+=", 0);
    } else {
      register(frame);
    }
    frame.inValue = true;
  }

  private void openObject() {
    Frame frame = top();
    if (frame.object && !frame.inValue && !keyOf(frame).isEmpty()) {
      checkDots(frame);
      register(frame);
      frame.inValue = true;
    }
    open(true);
  }

  private void openList() {
    open(false);
  }

  private void open(boolean object) {
    top().valueSeen = true;
    if (open.size() == DEEPEST) {
      found(Kind.TOO_DEEP, String.valueOf(DEEPEST), 0);
    }
    open.push(new Frame(object));
  }

  private void close() {
    endEntry();
    if (open.size() > 1) {
      open.pop();
      top().valueSeen = true;
    }
  }

  private void substitution(int i) {
    if (i + 1 < text.length() && text.charAt(i + 1) == '{') {
      found(Kind.SUBSTITUTION, "${", 0);
    }
    word('$');
  }

  private void word(char c) {
    Frame frame = top();
    if (!frame.inValue) {
      frame.key.append(c);
    } else if (!isSpace(c)) {
      frame.valueSeen = true;
    }
  }

  private void register(Frame frame) {
    String key = keyOf(frame);
    Integer first = frame.keys.putIfAbsent(key, line);
    if (first != null) {
      found(Kind.DUPLICATE_KEY, key, first);
    }
  }

  /** Each dot of {@code a.b.c = 1} opens a block, too. */
  private void checkDots(Frame frame) {
    if (frame.key.chars().filter(c -> c == '.').count() >= DEEPEST) {
      found(Kind.TOO_DEEP, String.valueOf(DEEPEST), 0);
    }
  }

  private static String keyOf(Frame frame) {
    String key = frame.key.toString().strip();
    return SIMPLY_QUOTED.matcher(key).matches() ? key.substring(1, key.length() - 1) : key;
  }

  /** Passes a string; a key keeps its quotes, for {@code "a.b"} and {@code a.b} are two keys. */
  private int string(int start) {
    Frame frame = top();
    int end = text.startsWith("\"\"\"", start) ? endOfRaw(start + 3) : endOfQuoted(start + 1);
    if (frame.inValue) {
      frame.valueSeen = true;
    } else {
      frame.key.append(text, start, end);
    }
    return end;
  }

  private int endOfQuoted(int from) {
    int i = from;
    while (i < text.length() && text.charAt(i) != '"' && text.charAt(i) != '\n') {
      i += text.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(text.length(), i < text.length() && text.charAt(i) == '"' ? i + 1 : i);
  }

  private int endOfRaw(int from) {
    int end = text.indexOf("\"\"\"", from);
    end = end < 0 ? text.length() : end + 3;
    while (end < text.length() && text.charAt(end) == '"') {
      end++;
    }
    for (int i = from; i < end; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    return end;
  }

  private int comment(int start) {
    if (cuts(start)) {
      found(Kind.CUT_BY_COMMENT, text.charAt(start) == '#' ? "#" : "//", 0);
    }
    int end = text.indexOf('\n', start);
    return end < 0 ? text.length() : end;
  }

  /** A comment cuts a value when it touches it, or stands in its place and looks like a path. */
  private boolean cuts(int start) {
    char before = start == 0 ? '\n' : text.charAt(start - 1);
    Frame frame = top();
    if (frame.inValue && frame.object && !frame.valueSeen) {
      int after = start + (text.charAt(start) == '#' ? 1 : 2);
      return after < text.length() && !isSpace(text.charAt(after));
    }
    return !isSpace(before) && ",{}[]\"".indexOf(before) < 0;
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\uFEFF';
  }

  private void found(Kind kind, String detail, int otherLine) {
    findings.add(new Finding(kind, line, detail, otherLine));
  }
}
