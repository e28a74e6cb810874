package io.sluice.balance;

import io.sluice.upstream.Upstream;

/**
 * One server of a group.
 *
 * @param url where it is, as people read it
 */
record Server(String url, Upstream upstream, Health health) {

  ServerStatus status() {
    return new ServerStatus(url, health.isUp(), health.since(), health.cause(), upstream.status());
  }
}
