package io.sluice.metrics;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the Prometheus text format 0.0.4 more strictly than Prometheus does: HELP and TYPE once and
 * first for each family, its series together, none twice, names and values well formed, histograms
 * cumulative and closed by +Inf.
 */
final class Exposition {

  private static final Pattern HELP = Pattern.compile("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\\S.*)");
  private static final Pattern TYPE =
      Pattern.compile("# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\\"n])*)\"(,(?!$)|$)");

  record Sample(String name, Map<String, String> labels, double value) {}

  private final Map<String, String> types = new LinkedHashMap<>();
  private final List<Sample> samples = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private @Nullable String helped;
  private String family = "";

  static Exposition parse(String text) {
    check(text.endsWith("\n"), "the last line must end");
    Exposition exposition = new Exposition();
    for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
      exposition.line(line);
    }
    exposition.checkHistograms();
    return exposition;
  }

  List<Sample> samples() {
    return samples;
  }

  Map<String, String> types() {
    return types;
  }

  /** Returns the value of the only sample of that name with these labels among its own. */
  double value(String name, Map<String, String> labels) {
    List<Sample> found =
        samples.stream()
            .filter(s -> s.name().equals(name))
            .filter(s -> s.labels().entrySet().containsAll(labels.entrySet()))
            .toList();
    check(found.size() == 1, found.size() + " samples of " + name + labels);
    return found.get(0).value();
  }

  private void line(String line) {
    Matcher help = HELP.matcher(line);
    if (help.matches()) {
      helped = help.group(1);
      return;
    }
    Matcher type = TYPE.matcher(line);
    if (type.matches()) {
      family = type.group(1);
      check(family.equals(helped), "TYPE without HELP: " + line);
      check(types.put(family, type.group(2)) == null, "family twice: " + family);
      return;
    }
    sample(line);
  }

  private void sample(String line) {
    Matcher sample = SAMPLE.matcher(line);
    check(sample.matches(), "no sample: " + line);
    String name = sample.group(1);
    check(belongs(name), "not of family " + family + ": " + line);
    Map<String, String> labels = labels(sample.group(2), line);
    check(seen.add(name + labels), "series twice: " + line);
    samples.add(new Sample(name, labels, number(sample.group(3))));
  }

  private boolean belongs(String name) {
    String type = types.getOrDefault(family, "none");
    return switch (type) {
      case "counter" -> name.equals(family) && name.endsWith("_total");
      case "gauge" -> name.equals(family) && !name.endsWith("_total");
      case "histogram" -> name.matches(family + "_(bucket|sum|count)");
      default -> false;
    };
  }

  private static Map<String, String> labels(@Nullable String text, String line) {
    Map<String, String> labels = new TreeMap<>();
    if (text == null) {
      return labels;
    }
    Matcher label = LABEL.matcher(text);
    int at = 0;
    while (at < text.length()) {
      check(label.find(at) && label.start() == at, "labels: " + line);
      String value =
          label.group(2).replace("\\\\", "\0").replace("\\n", "\n").replace("\\\"", "\"");
      check(labels.put(label.group(1), value.replace('\0', '\\')) == null, "label twice: " + line);
      at = label.end();
    }
    return labels;
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private void checkHistograms() {
    Map<String, List<Sample>> series = new LinkedHashMap<>();
    for (Sample sample : samples) {
      for (String part : List.of("_bucket", "_sum", "_count")) {
        String base = sample.name().replaceAll(part + "$", "");
        if (!base.equals(sample.name()) && "histogram".equals(types.get(base))) {
          Map<String, String> labels = new TreeMap<>(sample.labels());
          labels.remove("le");
          series.computeIfAbsent(base + labels, key -> new ArrayList<>()).add(sample);
        }
      }
    }
    series.forEach(Exposition::checkHistogram);
  }

  private static void checkHistogram(String name, List<Sample> parts) {
    int size = parts.size();
    check(parts.get(size - 2).name().endsWith("_sum"), name + " lacks _sum");
    check(parts.get(size - 1).name().endsWith("_count"), name + " lacks _count");
    double bound = Double.NEGATIVE_INFINITY;
    double count = 0;
    for (Sample bucket : parts.subList(0, size - 2)) {
      double next = number(bucket.labels().getOrDefault("le", "missing"));
      check(next > bound && bucket.value() >= count, name + " is not cumulative at " + next);
      bound = next;
      count = bucket.value();
    }
    check(bound == Double.POSITIVE_INFINITY, name + " lacks +Inf");
    check(count == parts.get(size - 1).value(), name + "_count is not its +Inf bucket");
  }

  private static void check(boolean good, String complaint) {
    if (!good) {
      throw new AssertionError(complaint);
    }
  }
}
