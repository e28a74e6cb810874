package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.JavaProcess;
import io.sluice.sample.SampleApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two gateways are restarted in turn behind clients that turn to the other one when a connection is
 * refused, and repeat nothing else.
 */
@Timeout(120)
class RollingRestartTest {

  private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");
  private static final int CLIENTS = 6;

  @TempDir Path folder;

  private final SampleApi api = SampleApi.start("127.0.0.1", 0);

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void noRequestFailsWhileGatewaysAreRestartedInTurn() throws Exception {
    List<Site> sites = List.of(site("one"), site("two"));
    int[] ports = {sites.get(0).port, sites.get(1).port};
    List<JavaProcess> running = new ArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger answered = new AtomicInteger();
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      for (Site site : sites) {
        running.add(serve(site));
      }
      for (JavaProcess each : running) {
        each.await(LISTENING);
      }
      List<Future<?>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        boolean http2 = i % 3 == 0;
        RestartClient client =
            http2 ? new RestartClient.Http2(ports, i) : new RestartClient.Http1(ports, i);
        clients.add(threads.submit(() -> client.run(over, answered)));
      }
      awaitMore(answered, 200);
      for (int i = 0; i < ports.length; i++) {
        JavaProcess old = running.get(i);
        old.signal("TERM");
        assertThat(old.exitCode()).as(old.printed()).isZero();
        assertThat(old.printed()).doesNotContain("broken off");
        awaitMore(answered, 200);
        running.set(i, serve(sites.get(i)));
        running.get(i).await(LISTENING);
        awaitMore(answered, 200);
      }
      over.set(true);
      for (Future<?> client : clients) {
        client.get(30, TimeUnit.SECONDS);
      }
    } finally {
      over.set(true);
      running.forEach(JavaProcess::close);
      threads.shutdown();
    }
  }

  private Site site(String name) throws IOException {
    return new Site(Files.createDirectories(folder.resolve(name)))
        .settings("upstream = \"http://127.0.0.1:%d\"".formatted(api.port()))
        .settings("server { drain = 20s, drain-idle = 500ms }");
  }

  private JavaProcess serve(Site site) {
    return JavaProcess.start(
        site.folder, Map.of(), "io.sluice.cli.Main", "serve", "--config", site.config().toString());
  }

  private static void awaitMore(AtomicInteger answered, int count) {
    int goal = answered.get() + count;
    Eventually.becomes(count + " more are answered", () -> answered.get() >= goal);
  }
}
