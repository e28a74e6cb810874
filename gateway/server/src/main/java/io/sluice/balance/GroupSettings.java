package io.sluice.balance;

import io.sluice.upstream.UpstreamSettings;
import java.util.List;

/**
 * The servers that stand for one upstream. Immutable; equal settings make equal groups.
 *
 * @param name what routes, metrics and the log call it
 * @param servers one or more
 * @param health how their health is found out
 */
public record GroupSettings(String name, List<UpstreamSettings> servers, HealthSettings health) {

  public GroupSettings {
    servers = List.copyOf(servers);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("an upstream has one server or more: " + name);
    }
  }
}
