package io.sluice.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The head of a message as it arrived, and what is wrong with it by the strict reading of RFC 9112:
 * what one recipient would read in another way than the next.
 *
 * @param text all octets, the empty line included
 */
record Head(String text) {

  private static final Pattern REQUEST_LINE =
      Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+ [\\x21-\\x7e]+ HTTP/1\\.[01]");
  private static final Pattern STATUS_LINE =
      Pattern.compile("HTTP/1\\.[01] [1-5][0-9][0-9]( [\\t\\x20-\\x7e\\x80-\\xff]*)?");
  private static final Pattern FIELD =
      Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\\t\\x20-\\x7e\\x80-\\xff]*");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  String startLine() {
    return lines().get(0);
  }

  /** Returns the request target; empty where there is none. */
  String target() {
    String[] words = startLine().split(" ", -1);
    return words.length < 2 ? "" : words[1];
  }

  /** Returns the status; 0 where there is none. */
  int status() {
    return STATUS_LINE.matcher(startLine()).matches()
        ? Integer.parseInt(startLine().substring(9, 12))
        : 0;
  }

  /** Returns the values of a field, in order. */
  List<String> values(String name) {
    List<String> values = new ArrayList<>();
    for (String line : lines()) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).strip().equalsIgnoreCase(name)) {
        values.add(line.substring(colon + 1).strip());
      }
    }
    return values;
  }

  boolean isChunked() {
    return values("Transfer-Encoding").stream().anyMatch(v -> v.toLowerCase().contains("chunked"));
  }

  /** Returns the announced length; negative where none can be read. */
  long length() {
    List<String> values = values("Content-Length");
    return values.size() > 0 && LENGTH.matcher(values.get(0)).matches()
        ? Long.parseLong(values.get(0))
        : -1;
  }

  boolean says(String connectionOption) {
    return values("Connection").stream()
        .anyMatch(value -> value.toLowerCase().contains(connectionOption));
  }

  /** Returns what is wrong with it as a request. */
  List<String> requestFaults() {
    List<String> faults = faults(REQUEST_LINE);
    if (values("Host").size() != 1) {
      faults.add("a request with " + values("Host").size() + " Host fields");
    }
    return faults;
  }

  /** Returns what is wrong with it as an answer. */
  List<String> answerFaults() {
    return faults(STATUS_LINE);
  }

  private List<String> faults(Pattern startLine) {
    List<String> faults = new ArrayList<>();
    if (!startLine.matcher(startLine()).matches()) {
      faults.add("bad first line: " + Octets.shown(startLine()));
    }
    for (String line : lines().subList(1, lines().size())) {
      if (!FIELD.matcher(line).matches()) {
        faults.add("bad field line: " + Octets.shown(line));
      }
    }
    List<String> lengths = values("Content-Length");
    List<String> codings = values("Transfer-Encoding");
    if (lengths.size() > 1 || (lengths.size() == 1 && !LENGTH.matcher(lengths.get(0)).matches())) {
      faults.add("bad lengths: " + lengths);
    }
    if (codings.size() > 1 || (codings.size() == 1 && !codings.get(0).equals("chunked"))) {
      faults.add("bad codings: " + codings);
    }
    if (!lengths.isEmpty() && !codings.isEmpty()) {
      faults.add("a length and a coding");
    }
    return faults;
  }

  private List<String> lines() {
    String body = text.endsWith("\r\n\r\n") ? text.substring(0, text.length() - 4) : text;
    return List.of(body.split("\r\n", -1));
  }
}
