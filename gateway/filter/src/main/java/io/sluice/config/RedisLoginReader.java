package io.sluice.config;

import io.sluice.redis.RedisLogin;
import io.sluice.redis.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads as whom to log in to servers or to Sentinels. */
final class RedisLoginReader {

  private RedisLoginReader() {}

  /**
   * Returns the login of a block.
   *
   * @param block its name, for people
   */
  static RedisLogin read(Section section, String block) {
    String username = section.optional("username").orElse(null);
    Optional<String> password = section.optional("password");
    Optional<Path> file = section.file("password-file");
    if (file.isEmpty()) {
      return new RedisLogin(username, password.orElse(null));
    }
    if (password.isPresent()) {
      section.problem("password-file", block + ".password is set too: expected only one of them");
    }
    try {
      return new RedisLogin(username, SecretFile.read(file.get()), file.get());
    } catch (IOException e) {
      section.problem("password-file", String.valueOf(e.getMessage()));
      return RedisLogin.NONE;
    }
  }
}
