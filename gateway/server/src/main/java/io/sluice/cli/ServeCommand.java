package io.sluice.cli;

import io.sluice.app.Gateway;
import io.sluice.app.GatewayConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs the gateway until the process is told to stop. */
@Command(
    name = "serve",
    description = "Run the gateway. SIGHUP reloads the policies, SIGTERM drains and stops.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

  private final Map<String, String> environment;

  @Mixin private final ConfigFiles files = new ConfigFiles();

  ServeCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Running.untilStopped(Gateway.start(config(files, environment)), () -> {});
    new CountDownLatch(1).await();
    return 0;
  }

  /** Returns what the options and the environment ask for. */
  static GatewayConfig config(ConfigFiles files, Map<String, String> environment) {
    GatewayConfig config = GatewayConfig.load(files.config(environment), environment);
    Path policies = files.policies();
    return policies == null ? config : config.withPolicies(policies);
  }
}
