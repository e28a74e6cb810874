package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisConnectionException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ConnectingTest {

  private static final Throwable LOST =
      new RedisConnectionException(
          "Unable to connect", new IllegalStateException("RedisHandshakeHandler not registered"));
  private static final Throwable REFUSED = new IOException("WRONGPASS");

  private final Deque<CompletableFuture<String>> attempts = new ArrayDeque<>();

  @Test
  void anAttemptOfWhichTheReasonIsLostIsMadeAgain() {
    attempts.addAll(List.of(failed(LOST), failed(LOST), failed(REFUSED), failed(LOST)));
    assertThatThrownBy(() -> connect(4)).hasCause(REFUSED);
    assertThat(attempts).hasSize(1);
  }

  @Test
  void whatIsToldIsTakenAtOnce() {
    attempts.addAll(List.of(CompletableFuture.completedFuture("up"), failed(REFUSED)));
    assertThat(connect(4)).isEqualTo("up");
    assertThat(attempts).hasSize(1);
    assertThatThrownBy(() -> connect(4)).hasCause(REFUSED);
  }

  @Test
  void thereIsAnEndToIt() {
    attempts.addAll(List.of(failed(LOST), failed(LOST), failed(REFUSED)));
    assertThatThrownBy(() -> connect(2)).hasCause(LOST);
    assertThat(attempts).hasSize(1);
  }

  private String connect(int most) {
    return Connecting.told(attempts::remove, most).join();
  }

  private static CompletableFuture<String> failed(Throwable failure) {
    return CompletableFuture.failedFuture(failure);
  }
}
