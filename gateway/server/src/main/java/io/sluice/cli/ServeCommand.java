package io.sluice.cli;

import io.sluice.app.Gateway;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs the gateway until the process is told to stop. */
@Command(
    name = "serve",
    description =
        "Run the gateway. SIGHUP reloads policies, routes and certificates, SIGTERM drains and"
            + " stops.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

  private final Map<String, String> environment;

  @Mixin private final ConfigFiles files = new ConfigFiles();

  ServeCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Running running = Running.prepare();
    Gateway gateway = Gateway.start(Inspection.of(files, environment).orThrow());
    running.untilStopped(gateway, () -> {});
    new CountDownLatch(1).await();
    return 0;
  }
}
