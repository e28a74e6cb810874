package io.sluice.admin;

/**
 * One thing wrong with what is on disk.
 *
 * @param file the file as its author knows it
 * @param line line in it, from 1; 0 when the whole file is meant
 * @param error whether it kept the files from coming into force; a warning otherwise
 * @param message what is wrong and what was expected
 */
public record Complaint(String file, int line, boolean error, String message) {}
