package io.sluice.request;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalPathTest {

  private static final PathRules STRICT = new PathRules(false, false, false);
  private static final PathRules PASSING = new PathRules(true, true, true);

  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/chat, /chat",
    "/chat/, /chat/",
    "/ch%61t, /chat",
    "/%63%68%61%74, /chat",
    "/%7Euser, /~user",
    "/a%2db, /a-b",
    "/a%20b, /a%20b",
    "/a%3fb, /a%3Fb",
    "/a%3bb, /a%3Bb",
    "/chat;x=1, /chat",
    "/chat;jsessionid=1;y, /chat",
    "/a;x/b;y, /a/b",
    "/a/;x, /a/",
    "/./chat, /chat",
    "/a/../chat, /chat",
    "/../chat, /chat",
    "/a/../../chat, /chat",
    "/%2e%2E/chat, /chat",
    "/a/%2e%2e/chat, /chat",
    "/a/.%2e/chat, /chat",
    "/a/..;x/chat, /chat",
    "/a/.;x/chat, /a/chat",
    "/a/., /a/",
    "/a/b/.., /a/",
    "/a/.., /",
    "/.., /",
    "/., /",
    "/..., /...",
    "/caf%c3%a9, /caf%C3%A9",
    "/café, /caf%C3%A9",
    "/a\"b, /a%22b",
    "/a|b, /a%7Cb",
    "/a[b]{c}, /a%5Bb%5D%7Bc%7D",
    "/CHAT, /CHAT",
    "/a+b:c@d, /a+b:c@d",
    "/%EF%BC%91, /%EF%BC%91",
  })
  void pathHasOneSpelling(String raw, String canonical) throws RefusedPathException {
    assertThat(CanonicalPath.of(raw, PathRules.DEFAULT).encoded()).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "chat",
        "*",
        "http://example.com/chat",
        "//chat",
        "/a//chat",
        "/chat//",
        "/;x/chat",
        "/a/;x/chat",
        "/%2fchat",
        "/a%2Fchat",
        "/chat%25",
        "/chat%2563",
        "/chat%00",
        "/chat%0d%0a",
        "/chat%7f",
        "/a%5cchat",
        "/a\\chat",
        "/a\tchat",
        "/a\u0000chat",
        "/chat%",
        "/chat%4",
        "/chat%zz",
        "/chat%u0061",
        "/chat%/41",
        "/chat%\uff14\uff11",
        "/%c0%af",
        "/%ff",
        "/%c3",
        "/%ed%a0%80",
        "/a\ud800b",
        "/a\udc00",
      })
  void pathWithoutOneReadingIsRefused(String raw) {
    assertThatThrownBy(() -> CanonicalPath.of(raw, PathRules.DEFAULT))
        .isInstanceOf(RefusedPathException.class)
        .message()
        .startsWith("the path ");
  }

  @Test
  void refusalOfAnEncodedSlashNamesTheSetting() {
    assertThatThrownBy(() -> CanonicalPath.of("/a%2Fb", PathRules.DEFAULT))
        .hasMessageContaining("paths.encoded-slash = pass");
  }

  @Test
  void encodedSlashPassesWhereTheRulesSaySoAndStaysWithinItsSegment() throws RefusedPathException {
    CanonicalPath path = CanonicalPath.of("/a%2fb/100%25", PASSING);
    assertThat(path.encoded()).isEqualTo("/a%2Fb/100%25");
    assertThat(path.segments()).containsExactly("a/b", "100%");
  }

  @Test
  void segmentsAreDecodedAndFoldedForMatchingOnly() throws RefusedPathException {
    CanonicalPath path = CanonicalPath.of("/API/Caf%C3%89/x%20y/", PathRules.DEFAULT);
    assertThat(path.encoded()).isEqualTo("/API/Caf%C3%89/x%20y/");
    assertThat(path.segments()).containsExactly("api", "café", "x y");
  }

  @Test
  void withoutFoldingCaseAndTrailingSlashCount() throws RefusedPathException {
    assertThat(CanonicalPath.of("/Chat/", STRICT).segments()).containsExactly("Chat", "");
    assertThat(CanonicalPath.of("/", STRICT).segments()).isEmpty();
  }

  @Test
  void escapesThatAnotherSegmentRemovesAreNotLookedAt() throws RefusedPathException {
    assertThat(CanonicalPath.of("/%ff/../chat", PathRules.DEFAULT).encoded()).isEqualTo("/chat");
  }

  @Test
  void canonicalPathIsItsOwnCanonicalPath() {
    List<String> pieces =
        List.of(
            "/", "//", ".", "..", "%2e", "%2E", ";", ";a=b", "%2f", "%25", "%41", "%c3%a9", "é",
            "a", "Z", "~", "%7e", " ", "\"", "%", "%4", "\\", "+", "%20", "😀", "?", "=", "&", "-");
    Random random = new Random(20261101);
    int read = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder raw = new StringBuilder("/");
      for (int n = random.nextInt(8); n > 0; n--) {
        raw.append(pieces.get(random.nextInt(pieces.size())));
      }
      PathRules rules = random.nextBoolean() ? PASSING : STRICT;
      CanonicalPath once = readable(raw.toString(), rules);
      if (once != null) {
        CanonicalPath twice = requireNonNull(readable(once.encoded(), rules), once.encoded());
        assertThat(twice).as(raw.toString()).isEqualTo(once);
        assertThat(twice.segments()).as(raw.toString()).isEqualTo(once.segments());
        assertThat(once.encoded()).as(raw.toString()).matches("/[!-~&&[^?#;\\\\]]*");
        read++;
      }
    }
    assertThat(read).isGreaterThan(20_000);
  }

  private static @Nullable CanonicalPath readable(String raw, PathRules rules) {
    try {
      return CanonicalPath.of(raw, rules);
    } catch (RefusedPathException e) {
      return null;
    }
  }
}
