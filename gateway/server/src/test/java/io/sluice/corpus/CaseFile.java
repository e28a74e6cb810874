package io.sluice.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Reads the files of the corpus; {@code corpus/README.md} tells how they are written. */
final class CaseFile {

  private static final byte[] USUAL_REQUEST =
      "GET /case HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1);

  private static final Set<String> KEYS =
      Set.of(
          "rfc",
          "client",
          "then",
          "upstream",
          "body",
          "has",
          "lacks",
          "keeps",
          "short",
          "ours-only",
          "early",
          "follow-up");

  private final String family;
  private final List<Case> cases = new ArrayList<>();
  private String name = "";
  private Map<String, List<String>> keys = new LinkedHashMap<>();
  private List<ByteArrayOutputStream> request = new ArrayList<>();
  private List<ByteArrayOutputStream> answer = new ArrayList<>();

  private CaseFile(String family) {
    this.family = family;
  }

  /** Reads all files below a directory, in the order of their names. */
  static List<Case> readAll(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".txt"))
          .sorted()
          .flatMap(file -> read(file).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Case> read(Path file) {
    String name = file.getParent().getFileName() + "/" + file.getFileName();
    CaseFile read = new CaseFile(name.substring(0, name.length() - ".txt".length()));
    try {
      int number = 0;
      for (String line : Files.readAllLines(file, UTF_8)) {
        number++;
        read.line(line, file.getFileName() + ":" + number);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    read.end();
    return read.cases;
  }

  private void line(String line, String place) {
    if (line.startsWith(">")) {
      octets(request, line);
    } else if (line.startsWith("<")) {
      octets(answer, line);
    } else if (!line.isBlank() && !line.startsWith("#")) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException(place + ": no key: " + line);
      }
      key(line.substring(0, colon), line.substring(colon + 1).strip(), place);
    }
  }

  private void key(String key, String value, String place) {
    if (key.equals("case")) {
      end();
      name = value;
    } else if (KEYS.contains(key) && !name.isEmpty()) {
      keys.computeIfAbsent(key, k -> new ArrayList<>()).add(value);
    } else {
      throw new IllegalArgumentException(place + ": unknown key: " + key);
    }
  }

  /** A line of its own that reads {@code >>} or {@code <<} parts what is sent. */
  private static void octets(List<ByteArrayOutputStream> pieces, String line) {
    if (pieces.isEmpty() || line.equals(">>") || line.equals("<<")) {
      pieces.add(new ByteArrayOutputStream());
    }
    if (!line.equals(">>") && !line.equals("<<")) {
      pieces.get(pieces.size() - 1).writeBytes(Octets.ofLine(line.substring(1)));
    }
  }

  private void end() {
    if (!name.isEmpty()) {
      List<byte[]> sent = request.isEmpty() ? List.of(USUAL_REQUEST) : pieces(request);
      String rfc = keys.getOrDefault("rfc", List.of("")).get(0);
      cases.add(new Case(family, name, rfc, sent, pieces(answer), Map.copyOf(keys)));
    }
    name = "";
    keys = new LinkedHashMap<>();
    request = new ArrayList<>();
    answer = new ArrayList<>();
  }

  private static List<byte[]> pieces(List<ByteArrayOutputStream> pieces) {
    return pieces.stream().map(ByteArrayOutputStream::toByteArray).toList();
  }
}
