package io.sluice.upstream;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets connections go that have reached their age, so that a changed DNS entry takes effect. The
 * name is looked up first: while that fails, old connections are better than none, and stay.
 */
public final class Ageing implements NameLookup.Asking {

  /** Connections that grow old. Thread-safe. */
  public interface Connections {

    /** Returns whether one has reached its age. */
    boolean hasAged(long now);

    /** Keeps those no longer that have reached their age. */
    void retireAged(long now);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Ageing.class);
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);

  private final Connections connections;
  private final NameLookup names;
  private final String host;
  private volatile boolean asking;
  private volatile boolean failing;
  private volatile long failedAt;

  /** Creates one; {@code host} is what the names look up, for the log. */
  public Ageing(Connections connections, NameLookup names, String host) {
    this.connections = connections;
    this.names = names;
    this.host = host;
  }

  /** Looks whether a connection has reached its age; called now and then, by one thread. */
  public void check(long now) {
    boolean due = !asking && (!failing || now - failedAt >= PATIENCE);
    if (due && connections.hasAged(now)) {
      asking = true;
      names.find(this);
    }
  }

  @Override
  public void found(List<InetAddress> addresses) {
    failing = false;
    connections.retireAged(System.nanoTime());
    asking = false;
  }

  @Override
  public void unknown(Exception why) {
    if (!failing) {
      LOG.warn(
          "{} cannot be looked up ({}): connections that have reached their age are kept",
          host,
          why.toString());
    }
    failing = true;
    failedAt = System.nanoTime();
    asking = false;
  }
}
