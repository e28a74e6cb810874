package io.sluice.metrics;

import static io.sluice.metrics.LimitCounters.name;

import com.codahale.metrics.Counter;
import io.sluice.limit.Decision;
import io.sluice.limit.Decision.Exempt;
import io.sluice.limit.Decision.Metered;
import io.sluice.limit.LimitObserver;
import io.sluice.limit.LimitVerdict;
import io.sluice.policy.Policy;
import io.sluice.policy.PolicyBook;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts decisions by policy, limit, outcome and source, and how long they took.
 *
 * <p>The series are those of the book in force and no others: {@link #adopt} makes the new book's
 * and forgets those of limits that are gone. Counting allocates nothing and takes no lock.
 * Thread-safe.
 */
public final class DecisionMetrics implements LimitObserver {

  private static final String LATENCY = "sluice_decision_seconds";
  private static final String LATENCY_HELP =
      "Time from asking the limiter to having its decision, by what became of the request.";

  /** The counters of the book in force: by instance for speed, by name for requests in flight. */
  private record Board(
      IdentityHashMap<Policy, LimitCounters[]> byInstance, Map<String, LimitCounters> byName) {

    @SuppressWarnings("ReferenceEquality") // the same instance, or another book
    @Nullable LimitCounters of(LimitVerdict line) {
      LimitCounters[] counters = byInstance.get(line.policy());
      if (counters == null) {
        return byName.get(named(line.policy(), line.limit().id()));
      }
      for (int i = 0; i < counters.length; i++) {
        if (line.policy().limits().get(i) == line.limit()) {
          return counters[i];
        }
      }
      return null;
    }

    static String named(Policy policy, String limit) {
      return policy.mode() + "\n" + policy.name() + "\n" + limit;
    }
  }

  private final Instruments instruments;
  private final Counter exempt;
  private final Counter overloaded;
  private final FixedHistogram granted;
  private final FixedHistogram refused;
  private final FixedHistogram exempted;
  private final FixedHistogram shed;
  private volatile Board board = new Board(new IdentityHashMap<>(), Map.of());

  /**
   * Creates metrics.
   *
   * @param book the book in force at the start
   */
  public DecisionMetrics(Instruments instruments, PolicyBook book) {
    this.instruments = instruments;
    this.exempt = instruments.counter(name("", "", "exempt", "none"), LimitCounters.HELP);
    this.overloaded = instruments.counter(name("", "", "overloaded", "none"), LimitCounters.HELP);
    this.granted = latency("granted");
    this.refused = latency("refused");
    this.exempted = latency("exempt");
    this.shed = latency("overloaded");
    adopt(book);
  }

  /** Makes the series of a new book, just before it comes into force, and forgets the others. */
  public synchronized void adopt(PolicyBook book) {
    IdentityHashMap<Policy, LimitCounters[]> byInstance = new IdentityHashMap<>();
    Map<String, LimitCounters> byName = new HashMap<>();
    for (Policy policy : book.policies()) {
      LimitCounters[] counters = new LimitCounters[policy.limits().size()];
      for (int i = 0; i < counters.length; i++) {
        String limit = policy.limits().get(i).id();
        counters[i] = new LimitCounters(instruments, policy, limit);
        byName.put(Board.named(policy, limit), counters[i]);
      }
      byInstance.put(policy, counters);
    }
    Board former = board;
    board = new Board(byInstance, byName);
    former.byName.forEach((name, counters) -> {
      if (!byName.containsKey(name)) {
        counters.forget(instruments);
      }
    });
  }

  @Override
  public void decided(Decision decision, long nanos) {
    if (decision instanceof Metered metered) {
      count(metered.lines());
      (metered.proceeds() ? granted : refused).record(nanos);
    } else if (decision instanceof Exempt) {
      exempt.inc();
      exempted.record(nanos);
    } else {
      overloaded.inc();
      shed.record(nanos);
    }
  }

  @Override
  public void shadowed(List<LimitVerdict> lines) {
    count(lines);
  }

  /** A line of a limit that has just left the book with its series is not counted. */
  private void count(List<LimitVerdict> lines) {
    Board now = board;
    for (int i = 0; i < lines.size(); i++) {
      LimitCounters counters = now.of(lines.get(i));
      if (counters != null) {
        counters.count(lines.get(i).verdict());
      }
    }
  }

  private FixedHistogram latency(String outcome) {
    return instruments.durations(MetricName.of(LATENCY).with("outcome", outcome), LATENCY_HELP);
  }
}
