package io.sluice.redis;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** How the servers of one Redis are arranged, and where to find them. Immutable. */
public sealed interface RedisTopology {

  /** Returns the URI of a database there, without secrets. */
  String uri(int database);

  /** One server. */
  record Standalone(RedisAddress address) implements RedisTopology {

    @Override
    public String uri(int database) {
      return "redis://" + address + '/' + database;
    }
  }

  /** One server on this machine, by a Unix domain socket. */
  record Socket(Path path) implements RedisTopology {

    @Override
    public String uri(int database) {
      return "redis-socket://" + path + "?database=" + database;
    }
  }

  /**
   * A master with replicas, of which Sentinels know who is master.
   *
   * @param master its name among the Sentinels
   * @param nodes Sentinels; one that answers is enough
   * @param login as whom to log in to Sentinels, which need not be that of the servers
   */
  record Sentinel(String master, List<RedisAddress> nodes, RedisLogin login)
      implements RedisTopology {

    public Sentinel {
      nodes = List.copyOf(nodes);
    }

    @Override
    public String uri(int database) {
      return "redis-sentinel://" + list(nodes) + '/' + database + '#' + master;
    }
  }

  /**
   * A Redis Cluster.
   *
   * @param nodes members; one that answers is enough to find the others
   */
  record Cluster(List<RedisAddress> nodes) implements RedisTopology {

    public Cluster {
      nodes = List.copyOf(nodes);
    }

    @Override
    public String uri(int database) {
      return "redis-cluster://" + list(nodes); // A cluster has one database.
    }
  }

  /**
   * One node of a Redis Cluster, by itself.
   *
   * @param address as the settings or another node say it
   */
  record Node(RedisAddress address) implements RedisTopology {

    @Override
    public String uri(int database) {
      return "redis://" + address + '/' + database;
    }
  }

  private static String list(List<RedisAddress> nodes) {
    return nodes.stream().map(RedisAddress::toString).collect(Collectors.joining(","));
  }
}
