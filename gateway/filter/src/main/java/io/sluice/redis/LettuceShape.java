package io.sluice.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SocketOptions.TcpUserTimeoutOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslOptions.Resource;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.EpollProvider;
import io.lettuce.core.resource.Transports.NativeTransports;
import io.sluice.pem.BadCertificateException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** How Lettuce is set up for decisions, where its defaults would suit a patient cache. */
final class LettuceShape {

  /** Longest wait for a TCP connection. */
  static final Duration CONNECT_TIMEOUT = Duration.ofMillis(500);

  /**
   * Longest wait for the handshake on it. With the longest pause between attempts it stays below
   * two seconds, within which Redis decides again: an attempt that began in an outage is lost, as
   * its octets are, and has to end before the next.
   */
  static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(1);

  /** The part of TLS in it; shorter, so that it is told when TLS was what went wrong. */
  static final Duration TLS_TIMEOUT = Duration.ofMillis(800);

  /** What Redis lists connections of gateways under (CLIENT LIST). */
  private static final String NAME = "sluice";

  private static final char[] NO_PASSWORD = {};
  private static final int MOST_UNANSWERED = 4_096;
  private static final Duration UNACKNOWLEDGED = Duration.ofSeconds(3);

  private LettuceShape() {}

  /**
   * Returns the options of a connection that is used until it breaks. Nothing is ever sent twice:
   * without {@code autoReconnect} there is nobody to replay, and a lost connection fails what it
   * owes. {@link Dialer} makes the next one. {@link Overdue} gives commands up.
   */
  static ClientOptions options(RedisSettings settings) {
    RedisTls tls = settings.tls();
    return ClientOptions.builder()
        .autoReconnect(false)
        .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
        .replayFilter(command -> true)
        .requestQueueSize(MOST_UNANSWERED)
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .timeoutOptions(TimeoutOptions.create())
        .socketOptions(socket(settings.topology() instanceof RedisTopology.Socket))
        .sslOptions(tls == null ? SslOptions.create() : ssl(tls))
        .build();
  }

  /**
   * Keepalive rests while data is unacknowledged; where the platform can, TCP gives up itself. A
   * connection within this machine has neither.
   */
  private static SocketOptions socket(boolean local) {
    SocketOptions.Builder socket = SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT);
    if (local) {
      return socket.keepAlive(false).build();
    }
    socket
        .tcpNoDelay(true)
        .keepAlive(
            KeepAliveOptions.builder()
                .enable()
                .idle(Duration.ofSeconds(5))
                .interval(Duration.ofSeconds(1))
                .count(3)
                .build());
    if (EpollProvider.isAvailable()) {
      socket.tcpUserTimeout(
          TcpUserTimeoutOptions.builder().enable().tcpUserTimeout(UNACKNOWLEDGED).build());
    }
    return socket.build();
  }

  /** Lettuce opens the files for each connection. */
  private static SslOptions ssl(RedisTls tls) {
    SslOptions.Builder ssl =
        SslOptions.builder()
            .jdkSslProvider()
            .protocols("TLSv1.3", "TLSv1.2")
            .handshakeTimeout(TLS_TIMEOUT);
    Path authorities = tls.authorities();
    if (authorities != null) {
      ssl.trustManager(Resource.from(authorities.toFile()));
    }
    Path certificate = tls.certificate();
    Path key = tls.key();
    if (certificate != null && key != null) {
      ssl.keyManager(Resource.from(certificate.toFile()), Resource.from(key.toFile()), NO_PASSWORD);
    }
    return ssl.build();
  }

  /**
   * Returns how to reach one of the servers that hold data. To be called anew for each attempt,
   * since it reads the files of password and certificates.
   *
   * @throws RedisUnavailableException when one of these files cannot be used
   */
  static RedisURI uri(RedisSettings settings, RedisAddress address) {
    return uri(settings, address, settings.database(), settings.login());
  }

  /**
   * Returns how to reach a server with a login of its own, such as a Sentinel; otherwise as {@link
   * #uri(RedisSettings, RedisAddress)}.
   */
  static RedisURI uri(
      RedisSettings settings, RedisAddress address, int database, RedisLogin login) {
    RedisURI.Builder uri =
        RedisURI.builder().withHost(address.host()).withPort(address.port()).withDatabase(database);
    RedisTls tls = settings.tls();
    if (tls != null) {
      checked(settings, tls);
      uri.withSsl(true).withVerifyPeer(tls.nameVerified() ? SslVerifyMode.FULL : SslVerifyMode.CA);
    }
    return loggedIn(settings, uri, login);
  }

  /** Returns how to reach the server behind a Unix domain socket. */
  static RedisURI uri(RedisSettings settings, Path socket) {
    if (!NativeTransports.isDomainSocketSupported()) {
      throw new RedisUnavailableException(
          settings
              + " is not dialled: this system has no native transport for Unix domain sockets,"
              + " which Linux on x86-64 and AArch64 has; use redis.host",
          null);
    }
    RedisURI.Builder uri =
        RedisURI.Builder.socket(socket.toString()).withDatabase(settings.database());
    return loggedIn(settings, uri, settings.login());
  }

  /**
   * The time-out there bounds the handshake. Its name comes with HELLO, which needs no right, where
   * the library's would need CLIENT SETINFO, which old versions have not.
   */
  private static RedisURI loggedIn(RedisSettings settings, RedisURI.Builder uri, RedisLogin login) {
    RedisLogin current = current(settings, login);
    String password = current.password();
    if (password != null) {
      // Lettuce takes other providers to the JVM's common pool, where any task of the application
      // that embeds the filter could hold up the handshake.
      uri.withAuthentication(
          new StaticCredentialsProvider(current.username(), password.toCharArray()));
    }
    return uri.withClientName(NAME)
        .withLibraryName("")
        .withLibraryVersion("")
        .withTimeout(HANDSHAKE_TIMEOUT)
        .build();
  }

  private static void checked(RedisSettings settings, RedisTls tls) {
    try {
      tls.check();
    } catch (BadCertificateException e) {
      throw new RedisUnavailableException(settings + " is not dialled: " + e.getMessage(), e);
    }
  }

  private static RedisLogin current(RedisSettings settings, RedisLogin login) {
    try {
      return login.current();
    } catch (IOException e) {
      throw new RedisUnavailableException(settings + " is not dialled: " + e.getMessage(), e);
    }
  }
}
