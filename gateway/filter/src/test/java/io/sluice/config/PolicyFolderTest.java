package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PolicyFolderTest {

  private static final String POLICY = "match = \"/a\", limits = []";

  @TempDir private Path folder = Path.of("");

  @Test
  void namesAreRelativeAndSorted() throws IOException {
    write("team/chat.conf", POLICY);
    write("chat.conf", POLICY);
    write("auth.conf", POLICY);
    assertThat(PolicyFolder.snapshot(folder).files())
        .extracting(PolicyFile::name)
        .containsExactly("auth", "chat", "team/chat");
  }

  @Test
  void whatIsNoPolicyIsPassedOver() throws IOException {
    write("chat.conf", POLICY);
    write("chat.conf~", POLICY);
    write("readme.md", POLICY);
    write(".hidden.conf", POLICY);
    write(".git/config.conf", POLICY);
    write("plans.conf", POLICY);
    write("tests/chat.conf", POLICY);
    write("team/plans.conf", POLICY);
    write("team/tests/a.conf", POLICY);
    assertThat(PolicyFolder.snapshot(folder).files())
        .extracting(PolicyFile::name)
        .containsExactly("chat", "team/plans", "team/tests/a");
  }

  @Test
  void theLinksOfAConfigMapCountOnce() throws IOException {
    write("..2026_01/chat.conf", POLICY);
    Files.createSymbolicLink(folder.resolve("..data"), Path.of("..2026_01"));
    Files.createSymbolicLink(folder.resolve("chat.conf"), Path.of("..data/chat.conf"));
    Snapshot snapshot = PolicyFolder.snapshot(folder);
    assertThat(snapshot.files()).extracting(PolicyFile::name).containsExactly("chat");
    assertThat(snapshot.problems()).isEmpty();
  }

  @Test
  void theHashFollowsContentAndNamesOnly() throws IOException {
    write("a.conf", POLICY);
    String first = PolicyFolder.snapshot(folder).hash();
    write("a.conf", POLICY);
    assertThat(PolicyFolder.snapshot(folder).hash()).isEqualTo(first);
    write("a.conf", POLICY + " ");
    assertThat(PolicyFolder.snapshot(folder).hash()).isNotEqualTo(first);
    write("a.conf", POLICY);
    Files.move(folder.resolve("a.conf"), folder.resolve("b.conf"));
    assertThat(PolicyFolder.snapshot(folder).hash()).isNotEqualTo(first);
  }

  @Test
  void aFolderWithoutPoliciesIsAProblem() {
    assertThat(PolicyFolder.snapshot(folder).problems())
        .extracting(Problem::toString)
        .containsExactly(folder + ": holds no policy: expected files like chat.conf in it");
  }

  @Test
  void aFolderThatCannotBeReadIsAProblem() throws IOException {
    Path missing = folder.resolve("missing");
    assertThat(PolicyFolder.snapshot(missing).problems())
        .extracting(Problem::toString)
        .containsExactly(missing + ": does not exist");
    write("file", "");
    assertThat(PolicyFolder.snapshot(folder.resolve("file")).problems())
        .extracting(Problem::message)
        .containsExactly("is not a folder");
  }

  @Test
  void aFileThatCannotBeReadIsAProblemAndTheOthersAreRead() throws IOException {
    write("good.conf", POLICY);
    write("large.conf", "#".repeat(TextFile.LARGEST + 1));
    Files.write(folder.resolve("latin1.conf"), new byte[] {'#', (byte) 0xe9, '\n'});
    Files.createSymbolicLink(folder.resolve("dangling.conf"), Path.of("nowhere"));
    Files.createSymbolicLink(folder.resolve("loop"), Path.of("."));
    Files.createDirectory(folder.resolve("folder.conf"));
    Snapshot snapshot = PolicyFolder.snapshot(folder);
    assertThat(snapshot.files()).extracting(PolicyFile::name).containsExactly("good");
    assertThat(snapshot.problems())
        .extracting(
            problem -> folder.relativize(Path.of(problem.file())) + ": " + problem.message())
        .containsExactly(
            "dangling.conf: does not exist",
            "large.conf: is larger than 1MiB",
            "latin1.conf: cannot be read: expected UTF-8 text",
            "loop: cannot be read: expected a file or folder that the gateway may open");
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
