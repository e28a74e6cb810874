package io.sluice.config;

import com.typesafe.config.ConfigObject;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** What all sections of one file share while it is read. For one thread at a time. */
final class Reading {

  private final String file;
  private final Path folder;
  private final Problems problems;
  private final Set<String> keysRead = new TreeSet<>();

  /**
   * Creates a reading.
   *
   * @param file the file as people name it
   * @param folder what relative paths in the file start from
   */
  Reading(String file, Path folder, Problems problems) {
    this.file = file;
    this.folder = folder;
    this.problems = problems;
  }

  /** Returns the file's root section. */
  Section root(ConfigObject own, ConfigObject reference) {
    return new Section(this, "", new Place(file, 0), own, reference);
  }

  Path folder() {
    return folder;
  }

  Problems problems() {
    return problems;
  }

  /** Returns the reference paths of all keys read so far. */
  Set<String> keysRead() {
    return keysRead;
  }
}
