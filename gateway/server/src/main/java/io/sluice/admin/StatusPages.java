package io.sluice.admin;

import static io.sluice.admin.LimitPages.word;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import io.sluice.policy.PolicyBook;
import io.sluice.policy.RoutePattern;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Shows the state of the gateway: alive, ready, its book, its store. Thread-safe. */
final class StatusPages {

  private final Supplier<Phase> phase;
  private final Supplier<PolicyBook> book;
  private final Supplier<StoreView> store;
  private final Reloads reloads;

  StatusPages(
      Supplier<Phase> phase,
      Supplier<PolicyBook> book,
      Supplier<StoreView> store,
      Reloads reloads) {
    this.phase = phase;
    this.book = book;
    this.store = store;
    this.reloads = reloads;
  }

  /** The process answers; nothing else is asked, so that no outage gets a gateway restarted. */
  Answer live() {
    return Answer.json(200, out -> out.writeStringField("status", "live"));
  }

  /** Ready means serving: a gateway on its local buckets is ready, and says that it is on them. */
  Answer ready() {
    Phase now = phase.get();
    Reloads.Outcome last = reloads.last();
    return Answer.json(
        now == Phase.SERVING ? 200 : 503,
        out -> {
          out.writeStringField("status", now == Phase.SERVING ? "ready" : word(now));
          out.writeStringField("store", store.get().answering());
          out.writeStringField("policies", last.accepted() ? "current" : "reload-failed");
        });
  }

  /** Shows the store. */
  Answer store() {
    StoreView view = store.get();
    return Answer.json(
        200,
        out -> {
          out.writeStringField("answering", view.answering());
          orNull(out, "redis", view.redis());
          out.writeStringField("breaker", view.breaker());
          orNull(out, "since", view.since());
          orNull(out, "cause", view.cause());
          out.writeNumberField("local-buckets", view.localBuckets());
          out.writeNumberField("gateways", view.gateways());
          orNull(out, "bound", view.bound());
          if (view.outage() == null) {
            out.writeNullField("last-outage");
          } else {
            out.writeObjectFieldStart("last-outage");
            outage(out, view.outage());
            out.writeEndObject();
          }
        });
  }

  private static void outage(JsonGenerator out, StoreView.Outage outage) throws IOException {
    out.writeNumberField("tokens-granted", outage.granted());
    out.writeNumberField("tokens-allowed", outage.allowed());
    out.writeNumberField("tokens-debited", outage.debited());
    out.writeNumberField("tokens-overdrawn", outage.overdrawn());
    out.writeNumberField("tokens-restored", outage.restored());
    out.writeNumberField("tokens-doubtful", outage.doubtful());
    out.writeNumberField("tokens-unreturned", outage.unreturned());
    out.writeBooleanField("settling", outage.settling());
  }

  /** Shows the book in force and what is wrong with what is on disk. */
  Answer policies() {
    PolicyBook read = book.get();
    return Answer.json(
        200,
        out -> {
          out.writeStringField("revision", read.revision());
          out.writeObjectFieldStart("last-reload");
          outcome(out, reloads.last());
          out.writeEndObject();
          out.writeArrayFieldStart("policies");
          for (Policy policy : read.policies()) {
            policy(out, policy);
          }
          out.writeEndArray();
        });
  }

  /** Reads the files again: 200 when they are in force, 422 when they have errors. */
  Answer reload() {
    Reloads.Outcome outcome = reloads.reload();
    return Answer.json(
        outcome.accepted() ? 200 : 422,
        out -> {
          out.writeStringField("revision", book.get().revision());
          outcome(out, outcome);
        });
  }

  private static void outcome(JsonGenerator out, Reloads.Outcome outcome) throws IOException {
    out.writeStringField("outcome", outcome.accepted() ? "accepted" : "refused");
    out.writeStringField("at", outcome.at().toString());
    out.writeArrayFieldStart("problems");
    for (Complaint complaint : outcome.complaints()) {
      out.writeStartObject();
      out.writeStringField("severity", complaint.error() ? "error" : "warning");
      out.writeStringField("file", complaint.file());
      out.writeNumberField("line", complaint.line());
      out.writeStringField("message", complaint.message());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  /** A policy's file is named like the policy. */
  private static void policy(JsonGenerator out, Policy policy) throws IOException {
    List<String> match = policy.match().stream().map(RoutePattern::text).toList();
    out.writeStartObject();
    out.writeStringField("name", policy.name());
    out.writeStringField("file", policy.name() + ".conf");
    out.writeStringField("mode", word(policy.mode()));
    LimitPages.strings(out, "match", match);
    out.writeNumberField("cost", policy.cost());
    out.writeStringField("on-outage", word(policy.onOutage()));
    out.writeNumberField("bypass", policy.bypass().size());
    out.writeArrayFieldStart("limits");
    for (Limit limit : policy.limits()) {
      limit(out, limit);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void limit(JsonGenerator out, Limit limit) throws IOException {
    Bandwidth bandwidth = limit.bandwidth();
    out.writeStartObject();
    out.writeStringField("id", limit.id());
    LimitPages.keys(out, limit);
    out.writeNumberField("capacity", bandwidth.capacity());
    out.writeNumberField("refill", bandwidth.refill());
    out.writeNumberField("period-seconds", bandwidth.period().toNanos() / 1e9);
    out.writeStringField("refill-mode", word(bandwidth.mode()));
    out.writeNumberField("status", limit.status());
    out.writeEndObject();
  }

  static void orNull(JsonGenerator out, String name, @Nullable Object value) throws IOException {
    if (value == null) {
      out.writeNullField(name);
    } else {
      out.writeStringField(name, value.toString());
    }
  }
}
