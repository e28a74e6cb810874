package io.sluice.config;

import com.typesafe.config.ConfigObject;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bypass;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import io.sluice.policy.PolicyBook;
import io.sluice.policy.RoutePattern;
import io.sluice.policy.RoutePattern.Segment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a book of the policies in a folder, or says everything that is wrong with them. */
public final class PolicyReader {

  private final ReadingContext context;
  private final Problems problems = new Problems();

  PolicyReader(ReadingContext context) {
    this.context = context;
  }

  /** Reads all policies of a snapshot. There is a book only when no error is found. */
  public static BookReading book(Snapshot snapshot, ReadingContext context) {
    PolicyReader reader = new PolicyReader(context);
    reader.problems.addAll(snapshot.problems());
    List<Policy> policies = new ArrayList<>();
    for (PolicyFile file : snapshot.files()) {
      Policy policy = reader.policy(file);
      if (policy != null) {
        policies.add(policy);
      }
    }
    reader.warnOfUnreachableDefault(snapshot, policies);
    Optional<PolicyBook> book =
        reader.problems.hasErrors()
            ? Optional.empty()
            : Optional.of(new PolicyBook(snapshot.revision(), policies));
    return new BookReading(book, reader.problems.all());
  }

  private @Nullable Policy policy(PolicyFile file) {
    String place = file.file().toString();
    if (!Names.isPolicy(file.name())) {
      problems.error(
          new Place(place, 0),
          "the policy's name is the file's: expected %s in it".formatted(Names.EXPECTED));
    }
    ConfigObject own = Hocon.rules(place, file.text(), problems);
    if (own == null) {
      return null;
    }
    Reference.POLICY.check(own, problems);
    return policy(file.name(), reading(place).root(own, Reference.POLICY.values()));
  }

  Reading reading(String place) {
    return new Reading(place, Path.of(""), problems);
  }

  /**
   * Returns the policy, which is only good for a book when there is no error; null after its own.
   */
  @Nullable Policy policy(String name, Section root) {
    int before = problems.errors();
    List<RoutePattern> match = match(name, root);
    long cost = root.number("cost", 1, Bandwidth.MOST_TOKENS);
    List<Limit> limits = new Limits(new Keys(context, match), cost).read(root);
    Policy.Mode mode = root.choice("mode", Policy.Mode.class);
    Policy.OnOutage onOutage = root.choice("on-outage", Policy.OnOutage.class);
    List<Bypass> bypass = new Bypasses(context).read(root);
    if (mode == Policy.Mode.OFF) {
      root.warning("mode", "the policy does nothing");
    }
    return problems.errors() > before
        ? null
        : new Policy(name, match, limits, cost, mode, onOutage, bypass);
  }

  /** Reads the patterns; none after an error, so that nothing else is held against the rest. */
  private List<RoutePattern> match(String name, Section root) {
    if (!root.has("match")) {
      if (!name.equals(Policy.DEFAULT)) {
        root.problem(
            "match", "missing: expected match = \"/path/**\"; only default.conf covers everything");
      }
      return List.of(Patterns.everything());
    }
    return Patterns.of(root, context.paths());
  }

  /** The default applies where no enforced policy does, so one that covers everything hides it. */
  private void warnOfUnreachableDefault(Snapshot snapshot, List<Policy> policies) {
    Optional<Policy> everywhere =
        policies.stream()
            .filter(p -> !p.name().equals(Policy.DEFAULT) && p.mode() == Policy.Mode.ENFORCE)
            .filter(p -> p.match().stream().anyMatch(PolicyReader::coversEverything))
            .findFirst();
    snapshot.files().stream()
        .filter(file -> file.name().equals(Policy.DEFAULT) && everywhere.isPresent())
        .forEach(file ->
            problems.warning(
                new Place(file.file().toString(), 0),
                "never applies: policy '%s' covers every request"
                    .formatted(everywhere.orElseThrow().name())));
  }

  private static boolean coversEverything(RoutePattern pattern) {
    return pattern.methods().isEmpty()
        && pattern.host() == null
        && pattern.segments().equals(List.of(new Segment.Rest()));
  }
}
