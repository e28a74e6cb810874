package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisException;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProblemsTest {

  private final Problems problems = new Problems(RedisSettings.at("somewhere", 6379));

  static Stream<Throwable> losses() {
    return Stream.of(
        new RedisException("Currently not connected. Commands are rejected."),
        new RedisException("Connection is closed"),
        new RedisException("Connection disconnected"),
        new RedisException(new IOException("Connection reset by peer")),
        new IOException("recvAddress(..) failed with error(-104): Connection reset by peer"));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void aLostConnectionIsToldInOneWayHoweverLettuceMetIt(Throwable failure) {
    assertThat(problems.ofFailure(failure))
        .hasMessage(problems.ofLoss().getMessage())
        .hasCause(failure);
  }
}
