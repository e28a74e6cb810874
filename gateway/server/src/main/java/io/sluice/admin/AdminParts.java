package io.sluice.admin;

import io.sluice.identity.IdentityResolver;
import io.sluice.limit.BucketStore;
import io.sluice.limit.RateLimiter;
import io.sluice.policy.PolicyBook;
import io.sluice.request.PathRules;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the admin pages look at and act upon.
 *
 * @param book the book in force
 * @param limiter says which buckets a request meets
 * @param resolver says how an address is counted
 * @param rules how request paths are read
 * @param store where buckets live
 * @param prefix what keys in Redis begin with
 * @param reloads reads the policies again
 * @param storeView the state of the store
 * @param upstreams the upstreams and how they do
 * @param phase how far the gateway is in its life
 * @param config the configuration in force, with every secret already replaced
 * @param metrics the metrics, as text
 * @param metricsType media type of that text
 */
public record AdminParts(
    Supplier<PolicyBook> book,
    RateLimiter limiter,
    IdentityResolver resolver,
    PathRules rules,
    BucketStore store,
    String prefix,
    Reloads reloads,
    Supplier<StoreView> storeView,
    Supplier<List<UpstreamView>> upstreams,
    Supplier<Phase> phase,
    Supplier<String> config,
    Supplier<String> metrics,
    String metricsType) {}
