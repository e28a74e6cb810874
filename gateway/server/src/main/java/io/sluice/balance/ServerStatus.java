package io.sluice.balance;

import io.sluice.upstream.UpstreamStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one server of a group is doing.
 *
 * @param url where it is
 * @param healthy whether it is thought to be healthy
 * @param since how long it has been thought so
 * @param cause why it was last thought to be unhealthy; null when it never was
 * @param connections its connections
 */
public record ServerStatus(
    String url,
    boolean healthy,
    Duration since,
    @Nullable String cause,
    UpstreamStatus connections) {}
