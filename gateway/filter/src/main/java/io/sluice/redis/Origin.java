package io.sluice.redis;

/** Who gave the address of a server, and so what there is to correct. */
enum Origin {
  /** The settings, for one server. */
  HOST(
      "redis.host and redis.port",
      "correct its port",
      "name the host that it is for",
      "point redis.host to the master"),
  /** The settings, for a server on this machine. */
  SOCKET("redis.socket", "", "", "name the master's socket"),
  /** The settings, or another Sentinel; the server is a Sentinel. */
  SENTINEL(
      "redis.sentinel.nodes",
      "name its tls-port in redis.sentinel.nodes",
      "name the host that it is for",
      "name Sentinels in redis.sentinel.nodes"),
  /** The Sentinels, for the master. */
  MASTER(
      "what the Sentinels announce",
      "have the Sentinels monitor its tls-port",
      "have one issued for the address that the Sentinels announce",
      "looking for the master"),
  /** The settings, or another node of the cluster. */
  NODE(
      "redis.cluster.nodes, or what the cluster announces",
      "name its tls-port in redis.cluster.nodes, set tls-cluster yes",
      "have one issued for the address that the cluster announces",
      "looking for the master");

  private final String keys;
  private final String withoutTls;
  private final String otherName;
  private final String replica;

  Origin(String keys, String withoutTls, String otherName, String replica) {
    this.keys = keys;
    this.withoutTls = withoutTls;
    this.otherName = otherName;
    this.replica = replica;
  }

  static Origin of(RedisTopology topology) {
    if (topology instanceof RedisTopology.Socket) {
      return SOCKET;
    }
    if (topology instanceof RedisTopology.Sentinel) {
      return MASTER;
    }
    return topology instanceof RedisTopology.Standalone ? HOST : NODE;
  }

  /** Returns what to correct where the address is wrong. */
  String keys() {
    return keys;
  }

  /** Returns what to correct where the host has no address. */
  String host() {
    return this == HOST ? "redis.host" : keys;
  }

  /** Returns the remedy where the server speaks no TLS. */
  String withoutTls() {
    return withoutTls;
  }

  /** Returns the remedy where the server's certificate is for another host. */
  String otherName() {
    return otherName;
  }

  /** Returns the remedy where the server is a replica. */
  String replica() {
    return replica;
  }
}
