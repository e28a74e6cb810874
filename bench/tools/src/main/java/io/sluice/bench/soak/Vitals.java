package io.sluice.bench.soak;

import io.sluice.bench.fleet.GatewayProcess;
import io.sluice.bench.fleet.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Takes samples of one gateway, each after a collection that the JDK's jcmd asks for. */
final class Vitals {

  private static final Path JCMD = Path.of(System.getProperty("java.home"), "bin", "jcmd");

  private final GatewayProcess gateway;
  private final List<Sample> samples = new ArrayList<>();

  Vitals(GatewayProcess gateway) {
    this.gateway = gateway;
  }

  /** Returns whether this Java can ask another for a collection: a JDK can, a JRE cannot. */
  static boolean canBeTaken() {
    return Files.isExecutable(JCMD);
  }

  void take(double at) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(JCMD.toString(), Long.toString(gateway.pid()), "GC.run")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!jcmd.waitFor(30, TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
      jcmd.destroyForcibly();
      throw new IOException("jcmd could not have a gateway collect its garbage");
    }
    Metrics metrics = gateway.metrics();
    samples.add(
        new Sample(
            at,
            metrics.sum("sluice_jvm_memory_bytes", "area=\"heap\"", "size=\"used\""),
            metrics.sum("sluice_jvm_threads")));
  }

  Growth growth() {
    return Growth.of(samples);
  }
}
