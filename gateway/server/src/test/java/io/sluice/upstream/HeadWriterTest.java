package io.sluice.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.junit.jupiter.api.Test;

class HeadWriterTest {

  private final HeadWriter writer = new HeadWriter();

  @Test
  void writesWhatItIsGivenAndNothingElse() {
    HttpFields fields =
        HttpFields.build()
            .add("host", "a.example")
            .add("X-lOwEr", "kept  as\tit is")
            .add(new HttpField(HttpHeader.CONTENT_TYPE, "content-TYPE", "Text/HTML"))
            .add("X-Empty", "")
            .add("X-Twice", "1")
            .add("X-Twice", "2, 3")
            .add("X-Latin", "caf\u00e9");
    assertThat(written(new RequestHead("gEt", "/a?b=c", fields)))
        .isEqualTo(
            "gEt /a?b=c HTTP/1.1\r\nhost: a.example\r\nX-lOwEr: kept  as\tit is\r\n"
                + "content-TYPE: Text/HTML\r\nX-Empty: \r\nX-Twice: 1\r\nX-Twice: 2, 3\r\n"
                + "X-Latin: caf\u00e9\r\n\r\n");
  }

  @Test
  void noValueCanEndALine() {
    // The last one's characters would become CR and LF if only their low octets were kept.
    HttpFields fields =
        HttpFields.build().add("X", "a\r\nY: b\nZ: c\u0000\u007f").add("W", "\u010d\u010aV: d");
    assertThat(written(new RequestHead("GET", "/", fields)))
        .isEqualTo("GET / HTTP/1.1\r\nX: a  Y: b Z: c  \r\nW: ??V: d\r\n\r\n");
  }

  @Test
  void makesRoomForHeadsOfAnySize() {
    for (int size = 1; size < 70_000; size = size * 3 + 1) {
      String value = "v".repeat(size);
      String name = "N".repeat(Math.min(size, 500));
      assertThat(
              written(new RequestHead("G".repeat(size), "/", HttpFields.build().add(name, value))))
          .isEqualTo("G".repeat(size) + " / HTTP/1.1\r\n" + name + ": " + value + "\r\n\r\n");
      writer.trim();
    }
    assertThat(written(new RequestHead("GET", "/", HttpFields.EMPTY)))
        .isEqualTo("GET / HTTP/1.1\r\n\r\n");
  }

  private String written(RequestHead head) {
    return ISO_8859_1.decode(writer.write(head)).toString();
  }
}
