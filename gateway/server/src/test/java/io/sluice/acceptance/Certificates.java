package io.sluice.acceptance;

import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LocalTls;
import io.sluice.redis.RedisTls;
import io.sluice.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files with certificates of an authority of the test's own, for Redis and for gateways. */
final class Certificates {

  private final Path folder;
  private final TestAuthority authority = new TestAuthority("Own");
  private final TestAuthority stranger = new TestAuthority("Stranger");

  /** Writes them into a folder. */
  Certificates(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    Files.writeString(folder.resolve("ca.pem"), authority.pem());
    Files.writeString(folder.resolve("stranger.pem"), stranger.pem());
    Files.writeString(folder.resolve("both.pem"), authority.pem() + stranger.pem());
    authority.issue("gateway").write(folder, "own");
    stranger.issue("gateway").write(folder, "foreign");
    authority.issue(LocalRedis.HOST).write(folder, "server");
  }

  /** Returns what servers show and believe. */
  LocalTls redis() {
    return server("ca", "server");
  }

  /** Returns the same with a certificate of another authority, and a belief in both. */
  LocalTls strange() throws IOException {
    stranger.issue(LocalRedis.HOST).write(folder, "strange");
    return server("both", "strange");
  }

  /** Returns the same with a certificate for another host. */
  LocalTls elsewhere() throws IOException {
    authority.issue("redis.internal").write(folder, "elsewhere");
    return server("ca", "elsewhere");
  }

  /** Returns the settings of a gateway that is well. */
  RedisTls gateway() {
    return gateway("ca", "own");
  }

  /** Returns the settings of a gateway that believes another authority. */
  RedisTls misled() {
    return gateway("stranger", "own");
  }

  /** Returns the settings of a gateway with a certificate of another authority. */
  RedisTls foreign() {
    return gateway("ca", "foreign");
  }

  /** Returns the settings of a gateway without a certificate. */
  RedisTls anonymous() {
    return new RedisTls(file("ca.pem"), null, null, true);
  }

  /** Returns the block of a gateway that is well. */
  String block() {
    return "tls { enabled = true, ca = \"%s\", certificate = \"%s\", key = \"%s\" }"
        .formatted(file("ca.pem"), file("own.pem"), file("own.key"));
  }

  private LocalTls server(String ca, String own) {
    return new LocalTls(
        file(ca + ".pem"),
        file(own + ".pem"),
        file(own + ".key"),
        authority.issue("tester").context(own.equals("strange") ? stranger : authority));
  }

  private RedisTls gateway(String ca, String own) {
    return new RedisTls(file(ca + ".pem"), file(own + ".pem"), file(own + ".key"), true);
  }

  private Path file(String name) {
    return folder.resolve(name);
  }
}
