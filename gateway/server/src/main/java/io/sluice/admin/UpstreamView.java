package io.sluice.admin;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One upstream, as its page shows it.
 *
 * @param name its name in the settings
 * @param panic whether no server is healthy, and all are used therefore
 * @param retries requests that were sent to a second server
 * @param servers its servers
 */
public record UpstreamView(String name, boolean panic, long retries, List<Server> servers) {

  public UpstreamView {
    servers = List.copyOf(servers);
  }

  /**
   * One server.
   *
   * @param url where it is
   * @param healthy whether it is healthy
   * @param since for how long it has been so
   * @param cause why it was last unhealthy; null when it never was
   * @param open connections open
   * @param resting those of them that nobody uses
   * @param waiting requests that wait for a connection
   * @param failure why the last connection that failed to open did so; null when none failed
   * @param failedAgo how long ago
   */
  public record Server(
      String url,
      boolean healthy,
      Duration since,
      @Nullable String cause,
      int open,
      int resting,
      int waiting,
      @Nullable String failure,
      Duration failedAgo) {}
}
