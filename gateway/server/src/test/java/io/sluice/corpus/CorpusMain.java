package io.sluice.corpus;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays the corpus against gateways in front of its recording upstream, and prints what each did.
 * Ends with 1 when the first has violations.
 *
 * <p>Arguments: the directory of the corpus, the port for the upstream, and the gateways as {@code
 * name=host:port}, ours first: the others skip what is only our policy. A gateway {@code
 * name+short=host:port} is played the cases that wait for its time limits.
 */
final class CorpusMain {

  private static final String SHORT = "+short";

  private final PrintStream out;
  private final List<Case> cases;

  private CorpusMain(PrintStream out, List<Case> cases) {
    this.out = out;
    this.cases = cases;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    CorpusMain main = new CorpusMain(System.out, CaseFile.readAll(Path.of(args[0])));
    Map<String, InetSocketAddress> gateways = new LinkedHashMap<>();
    for (String gateway : List.of(args).subList(2, args.length)) {
      String[] parts = gateway.split("[=:]");
      gateways.put(parts[0], new InetSocketAddress(parts[1], Integer.parseInt(parts[2])));
    }
    boolean passed;
    try (Recorder recorder = new Recorder(Integer.parseInt(args[1]))) {
      passed = main.run(gateways, recorder);
    }
    System.exit(passed ? 0 : 1);
  }

  private boolean run(Map<String, InetSocketAddress> gateways, Recorder recorder)
      throws IOException, InterruptedException {
    List<String> summary = new ArrayList<>();
    boolean passed = true;
    for (String name : gateways.keySet()) {
      if (name.endsWith(SHORT)) {
        continue;
      }
      InetSocketAddress usual = gateways.get(name);
      InetSocketAddress hasty = gateways.getOrDefault(name + SHORT, usual);
      int violated = run(name, usual, hasty, recorder, summary.isEmpty());
      passed &= violated == 0 || !summary.isEmpty();
      summary.add("%-8s violations in %d cases".formatted(name, violated));
    }
    long ours = cases.stream().filter(Case::isOursOnly).count();
    out.println(
        cases.size() + " cases, of them " + ours + " only for " + summary.get(0).split(" ")[0]);
    summary.forEach(out::println);
    return passed;
  }

  private int run(
      String name,
      InetSocketAddress usual,
      InetSocketAddress hasty,
      Recorder recorder,
      boolean isOurs)
      throws IOException, InterruptedException {
    int violated = 0;
    for (Case written : cases) {
      if (written.isOursOnly() && !isOurs) {
        continue;
      }
      Case tried = isOurs ? written : written.withLeaveToHangUp();
      List<String> violations = Trial.of(tried, tried.wantsShortLimits() ? hasty : usual, recorder);
      if (!violations.isEmpty()) {
        violated++;
        out.printf("%-8s %s  [RFC %s]%n", name, tried, tried.rfc());
        violations.forEach(violation -> out.println("           - " + violation));
      }
    }
    return violated;
  }
}
