package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.resolver.AddressResolver;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostNamesTest {

  private final DefaultEventExecutor loop = new DefaultEventExecutor();
  private final CountDownLatch answer = new CountDownLatch(1);
  private final HostNames names = new HostNames(this::addresses);
  private final AddressResolver<InetSocketAddress> resolver = names.getResolver(loop);

  @AfterEach
  void end() {
    names.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @Test
  void aHostThatIsLookedUpForLongHoldsUpNothingElse() throws Exception {
    Future<InetSocketAddress> slow = resolve("slow");
    assertThat(resolve("localhost").await().getNow().getAddress().isLoopbackAddress()).isTrue();
    assertThat(loop.submit(() -> slow.isDone()).await().getNow()).isFalse();
    answer.countDown();
    assertThat(slow.await().getNow().getPort()).isEqualTo(6379);
  }

  @Test
  void anAddressIsTakenAsItIs() throws Exception {
    assertThat(resolve("127.0.0.1").await().getNow().getAddress().getHostAddress())
        .isEqualTo("127.0.0.1");
    assertThat(resolve("::1").await().getNow().getAddress().getAddress()).hasSize(16);
  }

  @Test
  void aHostWithoutAddressIsAFailure() throws Exception {
    assertThat(resolve("no.such.host.invalid").await().cause())
        .isInstanceOf(UnknownHostException.class);
  }

  @Test
  void nothingIsLookedUpAfterTheEnd() throws Exception {
    names.close();
    assertThat(resolve("localhost").await().isSuccess()).isFalse();
  }

  private InetAddress[] addresses(String host) throws UnknownHostException {
    if (!host.equals("slow")) {
      return InetAddress.getAllByName(host);
    }
    try {
      assertThat(answer.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return new InetAddress[] {InetAddress.getLoopbackAddress()};
  }

  private Future<InetSocketAddress> resolve(String host) {
    return resolver.resolve(InetSocketAddress.createUnresolved(host, 6379));
  }
}
