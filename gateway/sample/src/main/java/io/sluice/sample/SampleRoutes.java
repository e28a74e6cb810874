package io.sluice.sample;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/** Answers the requests of {@link SampleApi}. Thread-safe. */
final class SampleRoutes extends Handler.Abstract {

  private static final List<String> SHOWN =
      List.of("Host", "X-User-Id", "X-User-Roles", "X-Forwarded-For", "Forwarded", "Via");

  private final ChatRoom room;
  private final EventStreams events;

  SampleRoutes(ChatRoom room) {
    this.room = room;
    this.events = new EventStreams(room);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String path = Request.getPathInContext(request);
    String method = request.getMethod();
    switch ((method.equals("HEAD") ? "GET" : method) + ' ' + path) {
      case "GET /" -> page(response, callback);
      case "POST /api/chat/messages" -> say(request, response, callback);
      case "GET /api/chat" -> answer(response, callback, 200, Map.of("messages", room.messages()));
      case "GET /api/chat/live" -> events.live(response, callback);
      case "GET /api/chat/events" -> events.count(query(request, "count", "4"), response, callback);
      case "POST /api/auth/login" -> login(request, response, callback);
      case "GET /api/search" -> search(request, response, callback);
      default -> byPrefix(request, response, callback, method, path);
    }
    return true;
  }

  private static void byPrefix(
      Request request, Response response, Callback callback, String method, String path)
      throws IOException {
    if (method.equals("POST") && path.startsWith("/api/upload/")) {
      long octets = content(request).transferTo(OutputStream.nullOutputStream());
      answer(response, callback, 201, shown(request, "octets", octets));
    } else if (method.equals("GET") && path.matches("/api/users/[^/]+")) {
      String id = path.substring("/api/users/".length());
      answer(response, callback, 200, shown(request, "user", id));
    } else {
      answer(response, callback, 404, shown(request, "error", "the sample API has no " + path));
    }
  }

  private static void page(Response response, Callback callback) throws IOException {
    try (InputStream page = SampleRoutes.class.getResourceAsStream("chat.html")) {
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/html;charset=utf-8");
      byte[] octets = Objects.requireNonNull(page).readAllBytes();
      response.write(true, ByteBuffer.wrap(octets), callback);
    }
  }

  private void say(Request request, Response response, Callback callback) throws IOException {
    String text = new String(content(request).readAllBytes(), UTF_8);
    answer(response, callback, 201, room.say(text, shown(request)));
  }

  private static void login(Request request, Response response, Callback callback)
      throws IOException {
    content(request).transferTo(OutputStream.nullOutputStream());
    answer(response, callback, 200, shown(request, "token", "a-sample-token"));
  }

  private static void search(Request request, Response response, Callback callback) {
    String words = query(request, "q", "");
    Map<String, Object> found = shown(request, "q", words);
    found.put("hits", List.of(words + " for beginners", "the history of " + words));
    answer(response, callback, 200, found);
  }

  private static InputStream content(Request request) {
    return Content.Source.asInputStream(request);
  }

  private static String query(Request request, String name, String absent) {
    Fields fields = Request.extractQueryParameters(request);
    String value = fields.getValue(name);
    return value == null ? absent : value;
  }

  /** What every answer shows: one thing of its own, and the request as it arrived here. */
  private static Map<String, Object> shown(Request request, String name, Object value) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put(name, value);
    out.putAll(shown(request));
    return out;
  }

  private static Map<String, Object> shown(Request request) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("request", request.getMethod() + ' ' + request.getHttpURI().getPathQuery());
    for (String field : SHOWN) {
      String first = request.getHeaders().get(field);
      if (first != null) {
        out.put(field, first);
      }
    }
    return out;
  }

  static void answer(Response response, Callback callback, int status, Map<String, Object> body) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    byte[] octets = (SampleJson.of(body) + "\n").getBytes(UTF_8);
    response.write(true, ByteBuffer.wrap(octets), callback);
  }
}
