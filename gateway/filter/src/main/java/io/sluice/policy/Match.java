package io.sluice.policy;

/**
 * A policy that covers a request.
 *
 * @param policy the policy
 * @param pattern the first of its patterns that covers the request
 */
public record Match(Policy policy, RoutePattern pattern) {}
