package io.sluice.limit;

/**
 * The identity of one bucket, and the only place where its key in Redis is spelled.
 *
 * @param policy name of the policy
 * @param limit id of the limit within the policy
 * @param caller whom the bucket counts: a digest of fixed length, see {@link CallerDigest}
 */
public record BucketKey(String policy, String limit, String caller) {

  /**
   * Returns the key in Redis, for example {@code sluice:chat:main:{9mE0c2nYh3v1mK0p8sVbXQ}}. It
   * depends on policy, limit and caller alone, so neither the number nor the order of limits nor
   * their rates start new buckets. The braces are a hash tag: a Redis Cluster keeps all buckets of
   * one caller in one slot, where they can be taken from in one step.
   */
  public String inRedis(String prefix) {
    return prefix + policy + ':' + limit + ":{" + caller + '}';
  }
}
