package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * As whom to log in. Immutable.
 *
 * @param username ACL user, or null for the default user
 * @param password password, or null for no login at all
 * @param passwordFile where the password stands, and where it may change; null when it does not
 */
public record RedisLogin(
    @Nullable String username, @Nullable String password, @Nullable Path passwordFile) {

  private static final byte[] AUTH = {'A', 'U', 'T', 'H'};

  /** No login. */
  public static final RedisLogin NONE = new RedisLogin(null, null);

  /** Creates a login whose password stays as it is. */
  public RedisLogin(@Nullable String username, @Nullable String password) {
    this(username, password, null);
  }

  /**
   * Returns this login with the password that its file holds now.
   *
   * @throws IOException when there is none to be had; the message names the file and the remedy
   */
  public RedisLogin current() throws IOException {
    return passwordFile == null
        ? this
        : new RedisLogin(username, SecretFile.read(passwordFile), passwordFile);
  }

  /** Returns the command that logs in; there must be a password. */
  Words words() {
    byte[] secret = String.valueOf(password).getBytes(UTF_8);
    return username == null
        ? Words.of(AUTH, secret)
        : Words.of(AUTH, username.getBytes(UTF_8), secret);
  }

  /** Returns the ACL user that this is to Redis. */
  public String user() {
    return username == null ? "default" : username;
  }

  /** Leaves the password out. */
  @Override
  public String toString() {
    return password == null ? "no login" : user();
  }
}
