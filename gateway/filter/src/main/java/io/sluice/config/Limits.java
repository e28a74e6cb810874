package io.sluice.config;

import io.sluice.config.Rates.Rate;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.KeyPart;
import io.sluice.policy.Limit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the limits of one policy. */
final class Limits {

  private final Keys keys;
  private final long cost;

  Limits(Keys keys, long cost) {
    this.keys = keys;
    this.cost = cost;
  }

  /** Reads all limits; those with errors are left out. */
  List<Limit> read(Section policy) {
    if (!policy.has("limits")) {
      policy.problem(
          "limits",
          "missing: expected limits = [ { key = user, rate = 20/min } ], or [] to exempt");
      return List.of();
    }
    List<Section> blocks = policy.sections("limits");
    List<Limit> limits = new ArrayList<>();
    Map<String, Integer> lines = new HashMap<>();
    for (Section block : blocks) {
      int before = block.problems().errors();
      String id = id(block, blocks.size() > 1, lines);
      Limit limit = limit(block, id);
      if (limit != null && block.problems().errors() == before) {
        limits.add(limit);
      }
    }
    return limits;
  }

  private static String id(Section block, boolean several, Map<String, Integer> lines) {
    Optional<String> given = block.optional("id");
    if (given.isEmpty()) {
      if (several && !block.has("id")) {
        block.problem("id", "missing: a policy with several limits names each of them");
      }
      return Limit.MAIN;
    }
    String id = given.get();
    if (!Names.isPart(id)) {
      block.problem("id", "expected " + Names.EXPECTED);
    }
    Integer first = lines.putIfAbsent(id, block.placeOf("id").line());
    if (first != null) {
      block.problem("id", "another limit, in line %d, has it already".formatted(first));
    }
    return id;
  }

  private @Nullable Limit limit(Section block, String id) {
    List<KeyPart> key = keys.read(block);
    Bandwidth.Mode mode = block.choice("refill", Bandwidth.Mode.class);
    int status = status(block);
    Optional<Rate> rate = rate(block);
    long burst = burst(block, rate.map(Rate::tokens).orElse(Bandwidth.MOST_TOKENS));
    if (rate.isEmpty() || key.isEmpty()) {
      return null;
    }
    Bandwidth bandwidth = new Bandwidth(burst, rate.get().tokens(), rate.get().period(), mode);
    return new Limit(id, key, bandwidth, status);
  }

  private static Optional<Rate> rate(Section block) {
    if (!block.has("rate")) {
      block.problem("rate", "missing: expected " + Rates.expected(""));
      return Optional.empty();
    }
    Optional<String> text = block.optional("rate");
    Optional<Rate> rate = text.flatMap(Rates::parse);
    if (rate.isEmpty() && text.isPresent()) {
      block.problem("rate", "expected " + Rates.expected(text.get()));
    }
    return rate;
  }

  private long burst(Section block, long tokens) {
    int before = block.problems().errors();
    boolean given = block.has("burst");
    long burst = given ? block.number("burst", 1, Bandwidth.MOST_TOKENS) : tokens;
    if (burst < cost && block.problems().errors() == before) {
      block.problem(
          given ? "burst" : "rate",
          "%d tokens at most, and a request costs %d, so none would ever pass: expected burst = %d or more"
              .formatted(burst, cost, cost));
    }
    return burst;
  }

  private static int status(Section block) {
    int status = block.integer("status", 100, 599);
    if (status != 429 && status != 503) {
      block.problem("status", "expected 429, or 503 where the limit protects the upstream");
      return 429;
    }
    return status;
  }
}
