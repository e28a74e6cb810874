package io.sluice.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a folder of policies, folders within it included and links followed.
 *
 * <p>Names that begin with a dot are passed over, and so a Kubernetes ConfigMap's {@code ..data}
 * counts once; so are {@code tests/} and {@code plans.conf} at the top, and whatever does not end
 * in {@code .conf}.
 */
public final class PolicyFolder {

  private static final String ENDING = ".conf";
  private static final int MOST_FILES = 100_000;
  private static final long MOST_CHARACTERS = 1L << 28;
  private static final int DEEPEST = 16;

  private final Path folder;
  private final Problems problems = new Problems();
  private final List<Path> found = new ArrayList<>();

  private PolicyFolder(Path folder) {
    this.folder = folder;
  }

  /** Reads all policies of a folder; what could not be read is among the snapshot's problems. */
  public static Snapshot snapshot(Path folder) {
    PolicyFolder reader = new PolicyFolder(folder);
    List<PolicyFile> files = reader.read();
    return Snapshot.of(files, reader.problems.all());
  }

  private List<PolicyFile> read() {
    if (!Files.isDirectory(folder)) {
      problem(folder, Files.exists(folder) ? "is not a folder" : "does not exist");
      return List.of();
    }
    walk();
    if (found.size() > MOST_FILES) {
      problem(folder, "holds more than %d policies".formatted(MOST_FILES));
      return List.of();
    }
    if (found.isEmpty() && !problems.hasErrors()) {
      problem(folder, "holds no policy: expected files like chat.conf in it");
    }
    List<PolicyFile> files = new ArrayList<>(found.size());
    long characters = 0;
    for (Path file : found) {
      String text = TextFile.read(file, problems);
      if (text != null) {
        characters += text.length();
        files.add(new PolicyFile(name(file), file, text));
      }
      if (characters > MOST_CHARACTERS) {
        problem(folder, "holds policies of more than " + Sizes.render(MOST_CHARACTERS));
        return List.of();
      }
    }
    files.sort(Comparator.comparing(PolicyFile::name));
    return files;
  }

  private void walk() {
    try {
      Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), DEEPEST, new Visitor());
    } catch (IOException | UncheckedIOException e) {
      problem(folder, "cannot be read");
    }
  }

  private final class Visitor extends SimpleFileVisitor<Path> {

    @Override
    public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
      boolean passedOver = !path.equals(folder) && (isHidden(path) || isTop(path, "tests"));
      return passedOver ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
      if (isHidden(path)) {
        return FileVisitResult.CONTINUE;
      }
      if (attributes.isDirectory()) {
        problem(path, "is deeper than %d folders".formatted(DEEPEST));
      } else if (fileName(path).endsWith(ENDING) && !isTop(path, "plans.conf")) {
        found.add(path);
      }
      return found.size() > MOST_FILES ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path path, IOException exception) {
      if (!isHidden(path) || path.equals(folder)) {
        problem(path, "cannot be read: expected a file or folder that the gateway may open");
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path path, @Nullable IOException exception) {
      if (exception != null) {
        problem(path, "cannot be listed");
      }
      return FileVisitResult.CONTINUE;
    }
  }

  private static boolean isHidden(Path path) {
    return fileName(path).startsWith(".");
  }

  private boolean isTop(Path path, String name) {
    return folder.relativize(path).toString().equals(name);
  }

  private String name(Path file) {
    String name = folder.relativize(file).toString().replace('\\', '/');
    return name.substring(0, name.length() - ENDING.length());
  }

  private static String fileName(Path path) {
    Path name = path.getFileName();
    return name == null ? "" : name.toString();
  }

  private void problem(Path path, String message) {
    problems.error(new Place(path.toString(), 0), message);
  }
}
