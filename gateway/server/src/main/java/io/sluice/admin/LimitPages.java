package io.sluice.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sluice.admin.LimitLookup.Found;
import io.sluice.admin.LimitLookup.Undetermined;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.RateLimiter.Claim;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.KeyPart;
import io.sluice.policy.Limit;
import io.sluice.policy.PolicyBook;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Shows what is left in buckets, and makes them full again.
 *
 * <p>Waits for the store, at most two seconds in all: the admin listener has threads of its own,
 * and its requests are few. Thread-safe.
 */
final class LimitPages {

  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Supplier<PolicyBook> book;
  private final LimitLookup lookup;
  private final BucketStore store;
  private final String prefix;

  /**
   * Creates the pages.
   *
   * @param prefix what keys in Redis begin with
   */
  LimitPages(Supplier<PolicyBook> book, LimitLookup lookup, BucketStore store, String prefix) {
    this.book = book;
    this.lookup = lookup;
    this.store = store;
    this.prefix = prefix;
  }

  /** Shows every bucket that the query determines; a look that charges and creates nothing. */
  Answer show(HttpServletRequest request) throws BadQueryException {
    PolicyBook read = book.get();
    Found found = lookup.find(LimitQuery.of(request), read);
    List<Claim> claims = new ArrayList<>();
    List<CompletionStage<List<Verdict>>> asked = new ArrayList<>();
    for (List<Claim> policy : found.determined()) {
      claims.addAll(policy);
      asked.add(store.peek(policy.stream().map(Claim::draw).toList()));
    }
    List<Verdict> verdicts = await(asked).stream().flatMap(List::stream).toList();
    return Answer.json(
        200,
        out -> {
          out.writeStringField("revision", read.revision());
          out.writeArrayFieldStart("limits");
          for (int i = 0; i < claims.size(); i++) {
            shown(out, claims.get(i), verdicts.get(i));
          }
          out.writeEndArray();
          undetermined(out, found.undetermined());
        });
  }

  /** Makes every bucket full again that the query determines. */
  Answer reset(HttpServletRequest request) throws BadQueryException {
    LimitQuery query = LimitQuery.of(request);
    if (query.isEmpty()) {
      throw new BadQueryException("say what to reset, for example user=alice");
    }
    Found found = lookup.find(query, book.get());
    List<Claim> claims = found.determined().stream().flatMap(List::stream).toList();
    List<CompletionStage<Boolean>> asked =
        claims.stream().map(claim -> store.reset(claim.draw().key())).toList();
    List<Boolean> existed = await(asked);
    return Answer.json(
        200,
        out -> {
          out.writeArrayFieldStart("reset");
          for (int i = 0; i < claims.size(); i++) {
            out.writeStartObject();
            named(out, claims.get(i));
            out.writeBooleanField("existed", existed.get(i));
            out.writeEndObject();
          }
          out.writeEndArray();
          undetermined(out, found.undetermined());
        });
  }

  private static <T> List<T> await(List<CompletionStage<T>> asked) throws BadQueryException {
    long deadline = System.nanoTime() + MOST_NANOS;
    List<T> answers = new ArrayList<>(asked.size());
    try {
      for (CompletionStage<T> stage : asked) {
        long left = Math.max(0, deadline - System.nanoTime());
        answers.add(stage.toCompletableFuture().get(left, TimeUnit.NANOSECONDS));
      }
      return answers;
    } catch (TimeoutException e) {
      throw new BadQueryException(503, "the store did not answer in 2 seconds; see /admin/store");
    } catch (ExecutionException | CompletionException e) {
      throw new BadQueryException(
          503, "the store could not answer: %s; see /admin/store".formatted(reason(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BadQueryException(503, "the gateway is stopping");
    }
  }

  private static String reason(Exception e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  private void shown(JsonGenerator out, Claim claim, Verdict verdict) throws IOException {
    Draw draw = claim.draw();
    boolean counted = verdict.source() != Source.NONE;
    out.writeStartObject();
    named(out, claim);
    out.writeStringField("mode", word(claim.policy().mode()));
    out.writeNumberField("cost", draw.tokens());
    out.writeNumberField("capacity", draw.bandwidth().capacity());
    if (counted) {
      out.writeNumberField("remaining", verdict.remaining());
      out.writeNumberField("seconds-to-next", seconds(verdict.nanosToNext()));
    }
    out.writeBooleanField("would-grant", verdict.granted());
    out.writeStringField("source", word(verdict.source()));
    out.writeEndObject();
  }

  /** Rounds up to milliseconds, so that nobody waits in vain. */
  private static double seconds(long nanos) {
    return Math.ceil(nanos / 1e6) / 1e3;
  }

  private void named(JsonGenerator out, Claim claim) throws IOException {
    out.writeStringField("policy", claim.policy().name());
    out.writeStringField("limit", claim.limit().id());
    keys(out, claim.limit());
    out.writeStringField("bucket", claim.draw().key().inRedis(prefix));
  }

  private static void undetermined(JsonGenerator out, List<Undetermined> limits)
      throws IOException {
    out.writeArrayFieldStart("undetermined");
    for (Undetermined limit : limits) {
      out.writeStartObject();
      out.writeStringField("policy", limit.policy().name());
      out.writeStringField("limit", limit.limit().id());
      keys(out, limit.limit());
      strings(out, "missing", limit.missing());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  static void keys(JsonGenerator out, Limit limit) throws IOException {
    strings(out, "key", limit.key().stream().map(KeyPart::toString).toList());
  }

  static void strings(JsonGenerator out, String name, List<String> values) throws IOException {
    out.writeArrayFieldStart(name);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
