package io.sluice.config;

/**
 * One setting in force, for people to read.
 *
 * @param key its path, for example {@code redis.host}
 * @param value its value; of a secret only whether it is set
 * @param source where it comes from: a file with line, an environment variable, or {@code default}
 */
public record Setting(String key, String value, String source) {}
