package io.sluice.redis;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Looks up hosts as everywhere else in the JVM, with hosts file, search domains and its cache, but
 * on threads that nobody else waits for. Netty's own way to ask the JVM does it on the event loop
 * of the connection to be made: when the name server is away, a server that is redialled would hold
 * up the answers of others that are well, for seconds. Thread-safe.
 */
final class HostNames extends AddressResolverGroup<InetSocketAddress> {

  /** More than there are servers that are dialled at once; each dials once at a time. */
  private static final int MOST_THREADS = 64;

  private static final long IDLE_SECONDS = 10;

  /** Knows the addresses of hosts, at least one of each. */
  interface Lookup {

    /** Returns the addresses of a host, which may take long. */
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  private final Lookup lookup;
  private final ExecutorService threads =
      new ThreadPoolExecutor(
          0,
          MOST_THREADS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          HostNames::thread);

  HostNames() {
    this(InetAddress::getAllByName);
  }

  HostNames(Lookup lookup) {
    this.lookup = lookup;
  }

  /** Looks nothing up any more; what is under way may last, on a thread that holds up no exit. */
  @Override
  public void close() {
    super.close();
    threads.shutdown();
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new Resolver(executor).asAddressResolver();
  }

  private static Thread thread(Runnable lookups) {
    Thread thread = new Thread(lookups, "sluice-redis-names");
    thread.setDaemon(true);
    return thread;
  }

  private final class Resolver extends InetNameResolver {

    private Resolver(EventExecutor executor) {
      super(executor);
    }

    @Override
    protected void doResolve(String host, Promise<InetAddress> promise) {
      find(host, promise, addresses -> addresses[0]);
    }

    @Override
    protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
      find(host, promise, List::of);
    }

    private <T> void find(String host, Promise<T> promise, Function<InetAddress[], T> use) {
      Runnable look = () -> look(host, promise, use);
      try {
        if (NetUtil.createInetAddressFromIpAddressString(host) == null) {
          threads.execute(look);
        } else {
          look.run(); // It is an address: nobody has to be asked.
        }
      } catch (RejectedExecutionException e) {
        promise.tryFailure(e);
      }
    }

    private <T> void look(String host, Promise<T> promise, Function<InetAddress[], T> use) {
      try {
        promise.trySuccess(use.apply(lookup.addresses(host)));
      } catch (UnknownHostException | RuntimeException e) {
        promise.tryFailure(e);
      }
    }
  }
}
