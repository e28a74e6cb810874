package io.sluice.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Looks up one host, away from the threads that carry traffic. Who asks while a look-up is under
 * way shares its answer, so that names that cannot be resolved in time hold one thread and not all
 * of them. Thread-safe.
 */
public final class NameLookup {

  /** Somebody who wants to know the addresses; told once, on a thread that may not be blocked. */
  public interface Asking {

    void found(List<InetAddress> addresses);

    void unknown(Exception why);
  }

  private final String host;
  private final NameResolver resolver;
  private final Executor executor;
  private List<Asking> asking = new ArrayList<>();

  /** Creates a look-up by the operating system's and the JVM's way. */
  public NameLookup(String host, Executor executor) {
    this(host, NameResolver.SYSTEM, executor);
  }

  NameLookup(String host, NameResolver resolver, Executor executor) {
    this.host = host;
    this.resolver = resolver;
    this.executor = executor;
  }

  /** Looks the host up, or shares the look-up that is under way. */
  public void find(Asking who) {
    synchronized (this) {
      asking.add(who);
      if (asking.size() > 1) {
        return;
      }
    }
    try {
      executor.execute(this::look);
    } catch (RejectedExecutionException e) {
      tell(null, e);
    }
  }

  private void look() {
    try {
      tell(resolver.resolve(host), new UnknownHostException(host));
    } catch (UnknownHostException | RuntimeException e) {
      tell(null, e);
    }
  }

  private void tell(@Nullable List<InetAddress> addresses, Exception otherwise) {
    List<Asking> told;
    synchronized (this) {
      told = asking;
      asking = new ArrayList<>();
    }
    for (Asking who : told) {
      if (addresses == null || addresses.isEmpty()) {
        who.unknown(otherwise);
      } else {
        who.found(addresses);
      }
    }
  }
}
