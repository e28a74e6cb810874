package io.sluice.demo;

import io.sluice.app.Gateway;
import io.sluice.app.GatewayConfig;
import io.sluice.cli.Running;
import io.sluice.fixtures.LocalRedis;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import io.sluice.request.Cidr;
import io.sluice.sample.SampleApi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The gateway with the shipped policies, a sample API behind it and a Redis. */
@Command(
    name = "sluice demo",
    description = {
      "Try Sluice on this machine: the gateway with config/ and policies/, a sample API behind it,",
      "and a Redis of its own where none answers at the configured address. Trusts loopback, so",
      "that -H 'X-User-Id: alice' shows limits per user. Ctrl-C ends everything."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

  private static final List<Cidr> LOOPBACK =
      List.of(Cidr.parse("127.0.0.0/8"), Cidr.parse("::1/128"));

  private final Map<String, String> environment;

  @Spec private CommandSpec spec = CommandSpec.create();

  DemoCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path home = Path.of(environment.getOrDefault("SLUICE_HOME", ".")).toAbsolutePath().normalize();
    Path file = home.resolve("config/gateway.conf");
    Map<String, String> adapted = new HashMap<>(environment);
    RedisSettings wanted = GatewayConfig.load(file, environment).engine().redis();
    LocalRedis own = ownRedis(wanted);
    if (own != null) {
      adapted.remove("REDIS_URL");
      adapted.put("REDIS_HOST", LocalRedis.HOST);
      adapted.put("REDIS_PORT", Integer.toString(own.port()));
    }
    SampleApi api = SampleApi.start("127.0.0.1", 0);
    adapted.put("SLUICE_UPSTREAM", "http://127.0.0.1:" + api.port());
    Runnable endOthers =
        () -> {
          api.close();
          if (own != null) {
            own.close();
          }
        };
    Running running = Running.prepare();
    GatewayConfig config = GatewayConfig.load(file, adapted).trusting(LOOPBACK);
    Gateway gateway;
    try {
      gateway = Gateway.start(config);
    } catch (IOException | RuntimeException e) {
      endOthers.run();
      throw e;
    }
    running.untilStopped(gateway, endOthers);
    Greeting greeting = new Greeting(gateway.port(), gateway.adminPort(), api.port());
    spec.commandLine()
        .getOut()
        .println(greeting.text(config.engine().redis(), own != null, config.engine().policies()));
    spec.commandLine().getOut().flush();
    new CountDownLatch(1).await();
    return 0;
  }

  private static @Nullable LocalRedis ownRedis(RedisSettings wanted) {
    return wanted.enabled()
            && wanted.topology() instanceof RedisTopology.Standalone standalone
            && !RedisProbe.answers(standalone.address().host(), standalone.address().port())
        ? LocalRedis.start().endedByCaller()
        : null;
  }
}
