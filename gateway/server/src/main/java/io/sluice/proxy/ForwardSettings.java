package io.sluice.proxy;

import io.sluice.request.PathRules;

/**
 * What forwarding does to a request's fields and path. Immutable.
 *
 * @param userHeader field that tells the upstream the verified user; incoming ones are dropped
 * @param rolesHeader field that tells it the verified roles; incoming ones are dropped
 * @param paths how a path is read where no filter in front has read it already
 * @param via whether {@code Via: 1.1 sluice} is added to requests and answers (RFC 9110, section
 *     7.6.3)
 */
public record ForwardSettings(String userHeader, String rolesHeader, PathRules paths, boolean via) {

  public ForwardSettings {
    if (userHeader.isBlank() || rolesHeader.isBlank()) {
      throw new IllegalArgumentException("the names of the identity headers must not be blank");
    }
  }
}
