import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Opens the chat page in a headless Chromium, over its debugging protocol, and says something until
 * the limit refuses it. Fails unless the page came over the expected protocol, its WebSocket and its
 * event stream heard what was said, and the refusal was shown with the reason.
 *
 * <p>java Browser.java CHROMIUM URL PROTOCOL SCREENSHOT FOLDER; the folder is Chromium's own
 */
public final class Browser {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
  private final StringBuilder part = new StringBuilder();
  private WebSocket devtools;
  private int id;

  public static void main(String[] args) throws Exception {
    Path profile = Files.createDirectories(Path.of(args[4]));
    Process chromium =
        new ProcessBuilder(
                args[0],
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--ignore-certificate-errors",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "--window-size=900,760",
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("chromium.log").toFile())
            .start();
    int status = 0;
    try {
      new Browser().visit(profile, args[1], args[2], Path.of(args[3]));
    } catch (IllegalStateException e) {
      System.out.println("FAILED: " + e.getMessage());
      status = 1;
    } finally {
      chromium.descendants().forEach(ProcessHandle::destroy);
      chromium.destroy();
      if (!chromium.waitFor(10, TimeUnit.SECONDS)) {
        chromium.destroyForcibly();
      }
    }
    System.exit(status);
  }

  private void visit(Path profile, String url, String protocol, Path screenshot) throws Exception {
    attach(profile);
    call("Page.enable", "{}");
    call("Page.navigate", "{\"url\":\"" + url + "\"}");
    await("document.readyState === 'complete' && !!document.getElementById('page')");
    expect("the page's protocol", "document.getElementById('page').textContent", "page over " + protocol);
    await("document.getElementById('socket').dataset.state === 'up'");
    await("document.getElementById('events').dataset.state === 'up'");
    evaluate("document.getElementById('many').click()");
    await("document.getElementById('limit').className === 'refused'");
    await("/: 20 heard/.test(document.getElementById('socket').textContent)");
    await("/: 20 heard/.test(document.getElementById('events').textContent)");
    String limit = evaluate("document.getElementById('limit').textContent");
    if (!limit.contains("429") || !limit.contains("20 requests in 1 minute")) {
      throw new IllegalStateException("the refusal does not say why: " + limit);
    }
    System.out.println("the page shows: " + evaluate("[...document.querySelectorAll('#ways li')].map(l => l.textContent).join('; ')"));
    System.out.println("and: " + limit);
    Matcher data = Pattern.compile("\"data\":\"([^\"]*)\"").matcher(call("Page.captureScreenshot", "{}"));
    if (data.find()) {
      Files.write(screenshot, Base64.getDecoder().decode(data.group(1)));
    }
  }

  private void attach(Path profile) throws Exception {
    Path file = profile.resolve("DevToolsActivePort");
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(file) || Files.readAllLines(file).size() < 2) {
      require(end, "Chromium does not start: " + Files.readString(profile.resolve("chromium.log")));
    }
    List<String> lines = Files.readAllLines(file);
    HttpClient http = HttpClient.newHttpClient();
    URI targets = URI.create("http://127.0.0.1:" + lines.get(0) + "/json/list");
    String page = "";
    while (page.isEmpty()) {
      String listed = http.send(HttpRequest.newBuilder(targets).build(), BodyHandlers.ofString()).body();
      Matcher found = Pattern.compile("\"webSocketDebuggerUrl\": \"(ws:[^\"]*/page/[^\"]*)\"").matcher(listed);
      page = found.find() ? found.group(1) : "";
      require(end, "Chromium has no page: " + listed);
    }
    devtools = http.newWebSocketBuilder().buildAsync(URI.create(page), new Hearing()).join();
  }

  private void await(String condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!evaluate("String(" + condition + ")").equals("true")) {
      require(end, "not seen in time: " + condition + "; the page says: " + evaluate("document.body ? document.body.innerText : ''"));
    }
  }

  private void expect(String what, String expression, String wanted) throws Exception {
    String found = evaluate(expression);
    if (!found.equals(wanted)) {
      throw new IllegalStateException(what + " is \"" + found + "\" and not \"" + wanted + "\"");
    }
  }

  private static void require(long end, String complaint) throws InterruptedException {
    if (System.nanoTime() > end) {
      throw new IllegalStateException(complaint);
    }
    TimeUnit.MILLISECONDS.sleep(100);
  }

  private String evaluate(String expression) throws Exception {
    String quoted = expression.replace("\\", "\\\\").replace("\"", "\\\"");
    String answer = call("Runtime.evaluate", "{\"expression\":\"" + quoted + "\"}");
    Matcher value = Pattern.compile("\"value\":\"((?:[^\"\\\\]|\\\\.)*)\"").matcher(answer);
    return value.find() ? value.group(1).replace("\\\"", "\"").replace("\\n", " | ") : "";
  }

  private String call(String method, String parameters) throws Exception {
    int mine = ++id;
    devtools.sendText("{\"id\":" + mine + ",\"method\":\"" + method + "\",\"params\":" + parameters + "}", true).join();
    while (true) {
      String message = messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (message == null) {
        throw new IllegalStateException("Chromium does not answer " + method);
      }
      if (message.startsWith("{\"id\":" + mine + ",")) {
        return message;
      }
    }
  }

  private final class Hearing implements WebSocket.Listener {

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      part.append(text);
      if (last) {
        messages.add(part.toString());
        part.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      messages.add("{\"id\":-1,\"error\":\"" + new IOException(error) + "\"}");
    }
  }
}
