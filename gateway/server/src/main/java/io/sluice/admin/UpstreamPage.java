package io.sluice.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Shows the upstreams and how their servers do. Thread-safe. */
final class UpstreamPage {

  private final Supplier<List<UpstreamView>> upstreams;

  UpstreamPage(Supplier<List<UpstreamView>> upstreams) {
    this.upstreams = upstreams;
  }

  Answer show() {
    return Answer.json(
        200,
        out -> {
          out.writeArrayFieldStart("upstreams");
          for (UpstreamView each : upstreams.get()) {
            upstream(out, each);
          }
          out.writeEndArray();
        });
  }

  private static void upstream(JsonGenerator out, UpstreamView view) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", view.name());
    out.writeBooleanField("panic", view.panic());
    out.writeNumberField("retries", view.retries());
    out.writeArrayFieldStart("servers");
    for (UpstreamView.Server server : view.servers()) {
      server(out, server);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void server(JsonGenerator out, UpstreamView.Server server) throws IOException {
    out.writeStartObject();
    out.writeStringField("url", server.url());
    out.writeBooleanField("healthy", server.healthy());
    out.writeStringField("since", whole(server.since()));
    StatusPages.orNull(out, "cause", server.cause());
    out.writeNumberField("open", server.open());
    out.writeNumberField("resting", server.resting());
    out.writeNumberField("waiting", server.waiting());
    StatusPages.orNull(out, "last-failure", server.failure());
    StatusPages.orNull(
        out, "failed-ago", server.failure() == null ? null : whole(server.failedAgo()));
    out.writeEndObject();
  }

  private static String whole(Duration duration) {
    return Duration.ofSeconds(duration.toSeconds()).toString();
  }
}
