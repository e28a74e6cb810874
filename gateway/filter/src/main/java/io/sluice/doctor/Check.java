package io.sluice.doctor;

import java.util.List;

/** Looks at one side of a Redis. */
interface Check {

  /** Returns what is looked at, in a word or two. */
  String group();

  /**
   * Looks, and changes nothing but probe keys that expire.
   *
   * @return what was seen; empty where it cannot be seen, or has no meaning for this Redis
   * @throws io.sluice.redis.RedisUnavailableException when Redis does not answer any more
   */
  List<Finding> look(Patient patient);
}
