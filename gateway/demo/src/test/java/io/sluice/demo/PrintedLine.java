package io.sluice.demo;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line for a shell, as printed: one curl, or a loop of so many. Whatever else stands in it is an
 * error, since then this would not do what a shell does.
 */
record PrintedLine(int times, HttpRequest request) {

  private static final Pattern LOOP =
      Pattern.compile("for i in \\$\\(seq (\\d+)\\); do (.*); done; echo");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|([^\\s'\"$;|&]+)");

  static PrintedLine parse(String line) {
    Matcher loop = LOOP.matcher(line);
    return loop.matches()
        ? new PrintedLine(Integer.parseInt(loop.group(1)), curl(loop.group(2)))
        : new PrintedLine(1, curl(line));
  }

  /** Carries it out; returns the answers in order. */
  List<HttpResponse<String>> run(HttpClient client) throws Exception {
    List<HttpResponse<String>> answers = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      answers.add(client.send(request, BodyHandlers.ofString()));
    }
    return answers;
  }

  private static HttpRequest curl(String line) {
    Iterator<String> words = words(line).iterator();
    if (!words.next().equals("curl")) {
      throw new IllegalArgumentException("no curl: " + line);
    }
    HttpRequest.Builder request = HttpRequest.newBuilder();
    String method = "GET";
    String body = "";
    while (words.hasNext()) {
      String word = words.next();
      switch (word) {
        case "-i", "-s" -> {}
        case "-o", "-w" -> words.next();
        case "-X" -> method = words.next();
        case "-d" -> body = words.next();
        case "-H" -> {
          String[] field = words.next().split(": ", 2);
          request.header(field[0], field[1]);
        }
        default -> request.uri(URI.create(word));
      }
    }
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/x-www-form-urlencoded");
    }
    return request.method(method, BodyPublishers.ofString(body)).build();
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(line);
    int end = 0;
    while (word.find()) {
      if (!line.substring(end, word.start()).isBlank()) {
        throw new IllegalArgumentException("more shell than expected: " + line);
      }
      words.add(word.group(1) == null ? word.group(2) : word.group(1));
      end = word.end();
    }
    return words;
  }
}
