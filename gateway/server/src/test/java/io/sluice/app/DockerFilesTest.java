package io.sluice.app;

import static io.sluice.app.DockerFiles.instructions;
import static io.sluice.app.DockerFiles.last;
import static io.sluice.app.DockerFiles.list;
import static io.sluice.app.DockerFiles.map;
import static io.sluice.app.DockerFiles.reference;
import static io.sluice.app.DockerFiles.root;
import static io.sluice.app.DockerFiles.service;
import static io.sluice.app.DockerFiles.text;
import static io.sluice.app.DockerFiles.words;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.sluice.sample.SampleServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What can be checked of the images without Docker: that they agree with the code and each other.
 */
class DockerFilesTest {

  private static final String HOME = "/opt/sluice";

  @Test
  void theImageStartsTheJarThatIsBuilt() {
    List<String> entrypoint = words(last("ENTRYPOINT"));
    assertThat(entrypoint).startsWith("java").endsWith("-jar", HOME + "/sluice-gateway.jar");
    assertThat(last("WORKDIR")).isEqualTo(HOME);
    assertThat(instructions("COPY"))
        .contains(
            "--from=build /src/gateway/server/target/lib lib",
            "--from=build /src/gateway/server/target/sluice-gateway.jar sluice-gateway.jar");
    assertThat(text("gateway/server/pom.xml"))
        .contains(
            "<finalName>sluice-gateway</finalName>", "<classpathPrefix>lib/</classpathPrefix>");
  }

  @Test
  void theCommandReadsTheFilesThatAreCopied() {
    assertThat(words(last("CMD")))
        .containsExactly(
            "serve", "--config", "/etc/sluice/gateway.conf", "--policies", "/etc/sluice/policies");
    assertThat(instructions("COPY"))
        .contains("config /etc/sluice", "policies /etc/sluice/policies");
    assertThat(root().resolve("docker/Dockerfile.dockerignore"))
        .content()
        .contains(
            "!config\n", "!policies\n", "!gateway\n", "!pom.xml\n", "!docker/healthcheck.sh\n");
  }

  @Test
  void mavenFindsThePomOfEachModuleAlsoOfThoseThatItDoesNotBuild() {
    List<String> kept =
        text("docker/Dockerfile.dockerignore")
            .lines()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .toList();
    List<String> modules =
        Pattern.compile("<module>(.*?)</module>")
            .matcher(text("pom.xml"))
            .results()
            .map(module -> module.group(1) + "/pom.xml")
            .toList();
    assertThat(modules)
        .isNotEmpty()
        .allSatisfy(pom ->
            assertThat(kept).anyMatch(name -> pom.equals(name) || pom.startsWith(name + "/")));
  }

  @Test
  void nothingRunsAsRoot() {
    assertThat(instructions("USER")).hasSize(2).allMatch("10001:10001"::equals);
    assertThat(service("redis")).containsEntry("user", "redis");
    for (String name : List.of("gateway", "redis", "api")) {
      assertThat(service(name))
          .containsEntry("read_only", true)
          .containsEntry("cap_drop", List.of("ALL"))
          .containsEntry("security_opt", List.of("no-new-privileges:true"));
    }
  }

  @Test
  void portsAreThoseOfTheSettings() throws IOException {
    assertThat(last("EXPOSE")).isEqualTo("8080 9090");
    assertThat(reference()).contains("port = 8080", "port = 9090");
    assertThat(list(service("gateway").get("ports")))
        .containsExactly("8080:8080", "127.0.0.1:9090:9090");
    assertThat(service("redis")).doesNotContainKey("ports");
  }

  @Test
  void everyEnvironmentVariableIsOneThatTheGatewayReads() throws IOException {
    Map<String, Object> environment = map(service("gateway").get("environment"));
    assertThat(environment.keySet()).allSatisfy(name -> assertThat(reference()).contains(name));
  }

  @Test
  void servicesFindEachOther() {
    Map<String, Object> environment = map(service("gateway").get("environment"));
    assertThat(environment)
        .containsEntry("SLUICE_UPSTREAM", "http://api:3000")
        .containsEntry("REDIS_HOST", "redis")
        .containsEntry("REDIS_USERNAME", "sluice");
    assertThat(text("docker/redis/users.acl")).contains("\nuser sluice on ");
    assertThat(text("docker/redis/redis.conf")).contains("\nport 6379\n");
    assertThat(instructions("CMD")).contains("[\"0.0.0.0\", \"3000\"]");
    assertThat(instructions("ENTRYPOINT"))
        .anyMatch(line -> words(line).contains(SampleServer.class.getName()));
    assertThat(instructions("FROM"))
        .anyMatch(line -> line.endsWith(" AS gateway"))
        .anyMatch(line -> line.endsWith(" AS sample-api"));
    assertThat(map(service("gateway").get("build"))).containsEntry("target", "gateway");
    assertThat(map(service("api").get("build"))).containsEntry("target", "sample-api");
  }

  @Test
  void secretsComeFromOutsideAndAreAskedFor() {
    Map<String, Object> environment = map(service("gateway").get("environment"));
    for (String secret : List.of("REDIS_PASSWORD", "SLUICE_SECRET", "SLUICE_ADMIN_TOKEN")) {
      assertThat(String.valueOf(environment.get(secret))).startsWith("${" + secret + ":?");
      assertThat(text("docker/env.example")).contains("\n" + secret + "=\n");
    }
    assertThat(text(".gitignore")).contains("docker/.env\n");
    assertThat(text("docker/Dockerfile.dockerignore")).contains("**/.env\n");
  }

  @Test
  void theAdminLeavesLoopbackOnlyWithAToken() {
    Map<String, Object> environment = map(service("gateway").get("environment"));
    assertThat(environment).containsEntry("SLUICE_ADMIN_HOST", "0.0.0.0");
    assertThat(environment).containsKey("SLUICE_ADMIN_TOKEN");
    assertThat(text("docker/Dockerfile")).doesNotContain("SLUICE_ADMIN_HOST");
  }

  @Test
  void whatIsMountedExists() {
    for (String name : List.of("gateway", "redis")) {
      for (String volume : list(service(name).get("volumes"))) {
        assertThat(volume).endsWith(":ro");
        assertThat(root().resolve("docker").resolve(volume.split(":", -1)[0])).isDirectory();
      }
    }
    assertThat(list(service("redis").get("entrypoint")))
        .containsExactly("sh", "/etc/sluice-redis/start.sh");
    assertThat(root().resolve("docker/redis/start.sh")).exists();
  }

  @Test
  void theHealthCheckAsksForReadiness() throws Exception {
    assertThat(text("docker/Dockerfile")).contains("CMD [\"" + HOME + "/healthcheck.sh\"]");
    assertThat(root().resolve("docker/healthcheck.sh")).matches(Files::isExecutable);
    AtomicReference<String> asked = new AtomicReference<>("");
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    int port = server.getAddress().getPort();
    int[] status = {200};
    server.createContext(
        "/",
        exchange -> {
          asked.set(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(status[0], -1);
          exchange.close();
        });
    server.start();
    try {
      assertThat(healthcheck(port)).isZero();
      assertThat(asked.get()).isEqualTo("/health/ready");
      status[0] = 503;
      assertThat(healthcheck(port)).isEqualTo(1);
    } finally {
      server.stop(0);
    }
    assertThat(healthcheck(port)).isEqualTo(1);
  }

  private static int healthcheck(int port) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("bash", root().resolve("docker/healthcheck.sh").toString());
    builder.environment().put("SLUICE_ADMIN_PORT", Integer.toString(port));
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
