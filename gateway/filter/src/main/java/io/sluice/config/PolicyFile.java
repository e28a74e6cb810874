package io.sluice.config;

import java.nio.file.Path;

/**
 * One policy as its author wrote it.
 *
 * @param name the policy's name: the file's, relative to the folder and without {@code .conf}
 * @param file where it was read from
 * @param text its content
 */
public record PolicyFile(String name, Path file, String text) {}
