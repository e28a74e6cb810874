package io.sluice.demo;

import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import java.nio.file.Path;

/** What the demo prints: where everything is, and five lines to try. */
record Greeting(int port, int adminPort, int apiPort) {

  String text(RedisSettings redis, boolean own, Path policies) {
    return """

    Sluice is running.

      gateway    http://localhost:%1$d
      sample API http://127.0.0.1:%3$d, behind the gateway
      admin      http://localhost:%2$d
      Redis      %4$s
      policies   %5$s; edit one, it counts at once

    In a browser, http://localhost:%1$d is a chat that shows what is left of its limit.
    Or try these, in this order, in another terminal:

    1. A chat message by alice: 201, and the RateLimit fields say what is left of 20 a minute.
       curl -i -X POST -H 'X-User-Id: alice' -d '{"text":"hi"}' http://localhost:%1$d/api/chat/messages

    2. 25 more at once: 201 until her 20 are spent, then 429.
       for i in $(seq 25); do curl -s -o /dev/null -w '%%{http_code} ' -X POST -H 'X-User-Id: alice' -d '{"text":"hi"}' http://localhost:%1$d/api/chat/messages; done; echo

    3. The refusal: Retry-After, and a body that says why.
       curl -i -X POST -H 'X-User-Id: alice' -d '{"text":"hi"}' http://localhost:%1$d/api/chat/messages

    4. bob is somebody else: 201.
       curl -i -X POST -H 'X-User-Id: bob' -d '{"text":"hi"}' http://localhost:%1$d/api/chat/messages

    5. What an operator sees of alice; looking is free.
       curl -s 'http://localhost:%2$d/admin/limits?user=alice'

    Ctrl-C ends everything.
    """
        .formatted(port, adminPort, apiPort, redis(redis, own), policies);
  }

  private static String redis(RedisSettings redis, boolean own) {
    if (!redis.enabled()) {
      return "off (REDIS_ENABLED=false): buckets live in the gateway";
    }
    String origin = own ? "started for this demo" : "found running";
    return redis.topology() instanceof RedisTopology.Standalone standalone
        ? "%s, %s; redis-cli -p %d --scan --pattern '%s*' lists the buckets"
            .formatted(standalone.address(), origin, standalone.address().port(), redis.prefix())
        : redis.toString();
  }
}
