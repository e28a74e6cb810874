package io.sluice.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.request.CanonicalPath;
import io.sluice.request.PathRules;
import io.sluice.request.RefusedPathException;
import io.sluice.request.RequestView;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServletRequestViewTest {

  private final TomcatServer tomcat = new TomcatServer();

  @AfterEach
  void stop() throws Exception {
    tomcat.close();
  }

  @ParameterizedTest
  @CsvSource({
    "a=1, a, 1",
    "b=2&a=1&a=3, a, 1",
    "a=x%20y+z, a, x y z",
    "%61=1, a, 1",
    "a, a, ''",
    "a=, a, ''",
    "aa=1, a, ",
    "a=b=c, a, b=c",
    "a=%zz, a, %zz",
    "a=caf%C3%A9, a, café",
    "&&a=1, a, 1",
    "b&a=1, a, 1",
    "b, a, ",
  })
  void queryParameterIsTheFirstOfItsName(String query, String name, String value)
      throws IOException {
    assertThat(seen(view -> String.valueOf(view.query(name)), "GET /x?" + query))
        .isEqualTo(String.valueOf(value));
  }

  @Test
  void withoutQueryThereIsNoParameter() throws IOException {
    assertThat(seen(view -> String.valueOf(view.query("a")), "GET /x")).isEqualTo("null");
  }

  @ParameterizedTest
  @CsvSource({
    "sid, 42",
    "Sid, other",
    "quoted, a b",
    "second, 2",
    "empty, ''",
    "absent, ",
  })
  void cookieIsReadFromItsField(String name, String value) throws IOException {
    String first = "Cookie: x=y; sid=42; Sid=other;quoted=\"a b\"; empty=; junk";
    assertThat(seen(view -> String.valueOf(view.cookie(name)), "GET /x", first, "Cookie: second=2"))
        .isEqualTo(String.valueOf(value));
  }

  @ParameterizedTest
  @CsvSource({
    "Example.COM, example.com",
    "example.com:8080, example.com",
    "example.com., example.com",
    "[2001:db8::1]:80, [2001:db8::1]",
    "192.0.2.1, 192.0.2.1",
  })
  void hostIsLowerCaseWithoutPortAndDot(String field, String host) throws IOException {
    assertThat(seen(RequestView::host, "GET /x", "Host: " + field)).isEqualTo(host);
  }

  @Test
  void fieldsMethodAndPeerAreTheRequestsOwn() throws IOException {
    assertThat(
            seen(
                view ->
                    view.method()
                        + view.headers("x-a")
                        + view.header("X-A")
                        + view.headers("X-B")
                        + view.header("X-B")
                        + view.peer(),
                "BREW /x",
                "X-A: 1",
                "x-a: 2, 3"))
        .isEqualTo("BREW[1, 2, 3]1[]null127.0.0.1");
  }

  private String seen(Function<RequestView, String> look, String line, String... fields)
      throws IOException {
    Filter probe =
        (request, response, chain) -> {
          try {
            CanonicalPath path = CanonicalPath.of("/x", PathRules.DEFAULT);
            String text = look.apply(new ServletRequestView((HttpServletRequest) request, path));
            response.setCharacterEncoding("UTF-8");
            response.getWriter().write(text);
          } catch (RefusedPathException e) {
            throw new IOException(e);
          }
        };
    tomcat
        .filter(probe, Set.of(DispatcherType.REQUEST))
        .servlet("/*", true, new EchoServlet())
        .start();
    String body = RawHttp.ask(tomcat.port(), line, fields).body();
    return new String(body.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
