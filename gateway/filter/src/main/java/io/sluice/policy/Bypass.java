package io.sluice.policy;

import io.sluice.request.Cidr;

/**
 * Callers whom a policy exempts: a request that one of them makes is neither charged nor limited.
 */
public sealed interface Bypass {

  /** Exempts clients in a block of addresses. */
  record Address(Cidr cidr) implements Bypass {}

  /** Exempts callers with a role. */
  record Role(String role) implements Bypass {}

  /** Exempts one user. */
  record User(String user) implements Bypass {}
}
