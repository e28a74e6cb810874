package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Finding.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HoconScanTest {

  @Test
  void aCommentThatTouchesAValueCutsIt() {
    assertThat(found("a = /b//c")).containsExactly("CUT_BY_COMMENT 1 // 0");
    assertThat(found("\na = b#c")).containsExactly("CUT_BY_COMMENT 2 # 0");
    assertThat(found("a = //b")).containsExactly("CUT_BY_COMMENT 1 // 0");
    assertThat(found("a = http://b")).containsExactly("CUT_BY_COMMENT 1 // 0");
    assertThat(found("a = [b, /c//d]")).containsExactly("CUT_BY_COMMENT 1 // 0");
  }

  @Test
  void otherCommentsAreWelcome() {
    assertThat(found("# a//b\n// c\na = \"/b//c\" // d\nb = 1 # e\nc = [ // f\n 1 // g\n]// h\n"))
        .isEmpty();
    assertThat(found("a = \"x\\\"//y\"\nb = \"\"\"//\n\"//\"\"\"\nc = // later\n 1")).isEmpty();
    assertThat(found("a = 1 # it's \"quoted\nb = 2\n{ # c = 1\n}")).isEmpty();
  }

  @Test
  void aKeyWrittenTwiceIsFoundInItsBlock() {
    assertThat(found("a = 1\nb = 2\na = 3")).containsExactly("DUPLICATE_KEY 3 a 1");
    assertThat(found("a { x = 1 }\n\"a\" { y = 2 }")).containsExactly("DUPLICATE_KEY 2 a 1");
    assertThat(found("{\n a : 1, a = 2\n}")).containsExactly("DUPLICATE_KEY 2 a 2");
    assertThat(found("l = [ { k = 1\n k = 2 } ]")).containsExactly("DUPLICATE_KEY 2 k 1");
  }

  @Test
  void equalKeysOfDifferentBlocksAreNoDuplicates() {
    assertThat(found("l = [ { k = 1 }, { k = 2 } ]\nk = 3\nm { k = 4 }")).isEmpty();
    assertThat(found("a.b = 1\n\"a.b\" = 2\na.c = 3")).isEmpty();
    assertThat(found("a =\n  1\nb = { c = 1 } { d = 1 }\n")).isEmpty();
  }

  @Test
  void includesAreFoundWhereverAKeyMayStand() {
    assertThat(found("\ninclude \"a.conf\"\n")).containsExactly("INCLUDE 2  0");
    assertThat(found("a { include required(file(\"/etc/passwd\")) }"))
        .containsExactly("INCLUDE 1  0");
    assertThat(found("include url(\"http://a\"), b = 1")).containsExactly("INCLUDE 1  0");
    assertThat(found("include = 1\nincludes = 2\na = include \"x\"")).isEmpty();
  }

  @Test
  void substitutionsAreFoundOutsideStrings() {
    assertThat(found("a = ${?B}")).containsExactly("SUBSTITUTION 1 ${ 0");
    assertThat(found("a = 1\nb = \"x\"${C}")).containsExactly("SUBSTITUTION 2 ${ 0");
    assertThat(found("a += 1")).containsExactly("SUBSTITUTION 1 += 0");
    assertThat(found("a = \"${B}\"\nb = \"\"\"${C}\"\"\" # ${D}")).isEmpty();
  }

  @Test
  void depthAndLongLinesAreFound() {
    assertThat(HoconScan.of("[".repeat(100))).extracting(Finding::kind).contains(Kind.TOO_DEEP);
    assertThat(HoconScan.of("[".repeat(10))).isEmpty();
    assertThat(found("a = 1\nb = " + "x ".repeat(40_000))).containsExactly("TOO_LONG 2 65536 0");
  }

  private static List<String> found(String text) {
    return HoconScan.of(text).stream()
        .map(f -> "%s %d %s %d".formatted(f.kind(), f.line(), f.detail(), f.otherLine()))
        .toList();
  }
}
