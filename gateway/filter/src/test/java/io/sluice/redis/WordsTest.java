package io.sluice.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {

  @Test
  void aCommandIsAnArrayOfWordsWithTheirLengths() {
    assertThat(written(Words.of(bytes("DEL"), bytes("\0\r\n\u00ff"), bytes(""))))
        .isEqualTo("*3\r\n$3\r\nDEL\r\n$4\r\n\0\r\n\u00ff\r\n$0\r\n\r\n");
  }

  @Test
  void aScriptIsToldHowManyKeysItHas() {
    Words call =
        Words.ofScript(
            bytes("EVALSHA"),
            bytes("0123456789"),
            List.of(bytes("a"), bytes("b")),
            List.of(bytes("c")));
    assertThat(written(call))
        .isEqualTo(
            "*6\r\n$7\r\nEVALSHA\r\n$10\r\n0123456789\r\n$1\r\n2\r\n"
                + "$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
  }

  @Test
  void thousandsOfLongWordsFit() {
    byte[] word = bytes("x".repeat(12_345));
    String all =
        written(
            Words.ofScript(
                bytes("EVAL"), word, Collections.nCopies(1_000, word), List.of(bytes(""))));
    assertThat(all).startsWith("*1004\r\n$4\r\nEVAL\r\n$12345\r\nx").endsWith("x\r\n$0\r\n\r\n");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static String written(Words words) {
    ByteBuf buffer = Unpooled.buffer();
    words.writeTo(buffer);
    return buffer.toString(ISO_8859_1);
  }
}
