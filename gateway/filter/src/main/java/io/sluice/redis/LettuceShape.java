package io.sluice.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SocketOptions.TcpUserTimeoutOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.EpollProvider;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.time.Duration;

/** How Lettuce is set up for decisions, where its defaults would suit a patient cache. */
final class LettuceShape {

  /** Longest wait for a TCP connection. */
  static final Duration CONNECT_TIMEOUT = Duration.ofMillis(500);

  /** Longest wait for the handshake on it: the first one loads classes, on a machine under load. */
  static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(2);

  private static final int MOST_UNANSWERED = 4_096;
  private static final Duration UNACKNOWLEDGED = Duration.ofSeconds(3);

  private LettuceShape() {}

  /**
   * Returns the threads and the resolver. Names are resolved as everywhere else in the JVM, with
   * hosts file and search domains. Lettuce's own timer, which turns every 100 ms, bounds the
   * handshakes and nothing else: see {@link Overdue}.
   *
   * @param customizer sees each channel
   */
  static ClientResources resources(NettyCustomizer customizer) {
    return ClientResources.builder()
        .addressResolverGroup(DefaultAddressResolverGroup.INSTANCE)
        .nettyCustomizer(customizer)
        .build();
  }

  /**
   * Returns the options of a connection that is used until it breaks. Nothing is ever sent twice:
   * without {@code autoReconnect} there is nobody to replay, and a lost connection fails what it
   * owes. {@link Dialer} makes the next one. {@link Overdue} gives commands up.
   */
  static ClientOptions options() {
    return ClientOptions.builder()
        .autoReconnect(false)
        .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
        .replayFilter(command -> true)
        .requestQueueSize(MOST_UNANSWERED)
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .timeoutOptions(TimeoutOptions.create())
        .socketOptions(socket())
        .build();
  }

  /** Keepalive rests while data is unacknowledged; where the platform can, TCP gives up itself. */
  private static SocketOptions socket() {
    SocketOptions.Builder socket =
        SocketOptions.builder()
            .connectTimeout(CONNECT_TIMEOUT)
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

  /** Returns where a server is and as whom to log in. The time-out there bounds the handshake. */
  static RedisURI uri(RedisAddress address, int database, RedisLogin login) {
    RedisURI.Builder uri =
        RedisURI.builder()
            .withHost(address.host())
            .withPort(address.port())
            .withDatabase(database)
            .withTimeout(HANDSHAKE_TIMEOUT);
    String password = login.password();
    if (password != null) {
      String username = login.username();
      if (username == null) {
        uri.withPassword(password.toCharArray());
      } else {
        uri.withAuthentication(username, password.toCharArray());
      }
    }
    return uri.build();
  }
}
