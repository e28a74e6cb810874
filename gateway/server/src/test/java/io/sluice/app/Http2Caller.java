package io.sluice.app;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HostPortHttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A client that speaks HTTP/2 in the clear and shows each frame it gets. */
final class Http2Caller implements AutoCloseable {

  private final HTTP2Client client = new HTTP2Client();
  private final Session session;
  private final int port;

  Http2Caller(int port) throws Exception {
    this.port = port;
    client.start();
    session =
        client
            .connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                new Session.Listener() {})
            .get(10, TimeUnit.SECONDS);
  }

  Call call(String method, String target, HttpFields fields, boolean last) throws Exception {
    HttpURI uri = HttpURI.from("http://api.example.com:" + port + target);
    return call(new MetaData.Request(method, uri, HttpVersion.HTTP_2, fields), last);
  }

  /** Asks for the options of the server as a whole. */
  Call asterisk() throws Exception {
    HttpURI uri = HttpURI.build().scheme("http").authority("api.example.com:" + port).path("*");
    return call(new MetaData.Request("OPTIONS", uri, HttpVersion.HTTP_2, HttpFields.EMPTY), true);
  }

  /** Asks for a tunnel (RFC 9113, section 8.5). */
  Call connect(String authority) throws Exception {
    HostPortHttpField to = new HostPortHttpField(authority);
    return call(
        new MetaData.ConnectRequest((String) null, to, null, HttpFields.EMPTY, null), false);
  }

  private Call call(MetaData.Request request, boolean last) throws Exception {
    Call call = new Call();
    call.stream.complete(
        session.newStream(new HeadersFrame(request, null, last), call).get(10, TimeUnit.SECONDS));
    return call;
  }

  Call get(String target) throws Exception {
    return call("GET", target, HttpFields.EMPTY, true);
  }

  /** Announces the end of the connection and ends it, whatever is under way. */
  void sayGoodbyeAndClose() throws Exception {
    HTTP2Session own = (HTTP2Session) session;
    CompletableFuture<Void> said = new CompletableFuture<>();
    own.frames(
        null,
        List.of(new GoAwayFrame(0, ErrorCode.NO_ERROR.code, new byte[0])),
        Callback.from(() -> said.complete(null), said::completeExceptionally));
    said.get(10, TimeUnit.SECONDS);
    own.getEndPoint().close();
  }

  @Override
  public void close() throws IllegalStateException {
    try {
      client.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** One stream. */
  static final class Call implements Stream.Listener {

    private final CompletableFuture<Stream> stream = new CompletableFuture<>();
    private final CompletableFuture<MetaData.Response> head = new CompletableFuture<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private final BlockingQueue<String> chunks = new LinkedBlockingQueue<>();
    private final List<MetaData.Response> interims = new CopyOnWriteArrayList<>();
    private volatile @Nullable HttpFields trailers;

    Call data(String text, boolean last) throws Exception {
      ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
      Stream to = stream.get(10, TimeUnit.SECONDS);
      to.data(new DataFrame(to.getId(), octets, last)).get(10, TimeUnit.SECONDS);
      return this;
    }

    void reset() throws Exception {
      Stream gone = stream.get(10, TimeUnit.SECONDS);
      gone.reset(new ResetFrame(gone.getId(), ErrorCode.CANCEL_STREAM_ERROR.code))
          .get(10, TimeUnit.SECONDS);
    }

    MetaData.Response head() throws Exception {
      return head.get(10, TimeUnit.SECONDS);
    }

    /** Waits for the end: "end" or "reset" with the error code, or "failure". */
    String end() throws Exception {
      return end.get(10, TimeUnit.SECONDS);
    }

    String chunk() throws Exception {
      String chunk = chunks.poll(10, TimeUnit.SECONDS);
      if (chunk == null) {
        throw new AssertionError("no data came");
      }
      return chunk;
    }

    /** Returns the 1xx answers that have come. */
    List<MetaData.Response> interims() {
      return interims;
    }

    /** Returns the fields that came after the content; null when none did. */
    @Nullable HttpFields trailers() {
      return trailers;
    }

    /** Ends the request with fields after its content. */
    void trailers(HttpFields fields) throws Exception {
      Stream to = stream.get(10, TimeUnit.SECONDS);
      MetaData last = new MetaData(HttpVersion.HTTP_2, fields);
      to.headers(new HeadersFrame(to.getId(), last, null, true)).get(10, TimeUnit.SECONDS);
    }

    String text() {
      return content.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void onHeaders(Stream from, HeadersFrame frame) {
      if (!(frame.getMetaData() instanceof MetaData.Response response)) {
        trailers = frame.getMetaData().getHttpFields();
      } else if (response.getStatus() < 200) {
        interims.add(response);
      } else {
        head.complete(response);
      }
      if (frame.isEndStream()) {
        end.complete("end");
      } else {
        from.demand();
      }
    }

    @Override
    public void onDataAvailable(Stream from) {
      Stream.Data data = from.readData();
      if (data == null) {
        from.demand();
        return;
      }
      byte[] octets = new byte[data.frame().remaining()];
      data.frame().getByteBuffer().get(octets);
      boolean last = data.frame().isEndStream();
      data.release();
      content.writeBytes(octets);
      chunks.add(new String(octets, StandardCharsets.UTF_8));
      if (last) {
        end.complete("end");
      } else {
        from.demand();
      }
    }

    @Override
    public void onReset(Stream from, ResetFrame frame, Callback callback) {
      end.complete("reset " + frame.getError());
      callback.succeeded();
    }

    @Override
    public void onFailure(
        Stream from, int error, String reason, Throwable failure, Callback callback) {
      end.complete("failure");
      callback.succeeded();
    }
  }
}
