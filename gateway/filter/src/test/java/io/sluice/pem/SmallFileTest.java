package io.sluice.pem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class SmallFileTest {

  @TempDir Path folder;

  @Test
  void aFileOfOneMebibyteIsReadAndALargerOneRefused() throws Exception {
    Path file = Files.write(folder.resolve("a.pem"), new byte[1 << 20]);
    assertThat(SmallFile.content(file)).hasSize(1 << 20);
    Files.write(file, new byte[(1 << 20) + 1]);
    assertThatThrownBy(() -> SmallFile.content(file))
        .isInstanceOf(BadCertificateException.class)
        .hasMessage(file + ": is too large for certificates or a key");
  }

  @Test
  void whatCannotBeReadIsNamedWithTheRemedy() {
    assertThatThrownBy(() -> SmallFile.content(folder))
        .hasMessage(folder + ": cannot be read; the gateway's user needs the right to read it");
  }
}
