package io.sluice.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client on one connection. */
final class Talk implements AutoCloseable {

  private static final int LONGEST_SILENCE = 10_000;

  private final Socket socket = new Socket();
  private final InputStream in;

  Talk(InetSocketAddress target) throws IOException {
    socket.connect(target, LONGEST_SILENCE);
    socket.setSoTimeout(LONGEST_SILENCE);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** Sends what the other side still takes: it may have answered and hung up before the end. */
  void send(List<byte[]> pieces) throws InterruptedException {
    try {
      for (int i = 0; i < pieces.size(); i++) {
        if (i > 0) {
          TimeUnit.MILLISECONDS.sleep(Case.PAUSE_MILLIS);
        }
        socket.getOutputStream().write(pieces.get(i));
      }
    } catch (IOException hungUp) {
      // What it had to say is read.
    }
  }

  void send(String request) throws InterruptedException {
    send(List.of(request.getBytes(ISO_8859_1)));
  }

  void endSending() throws IOException {
    socket.shutdownOutput();
  }

  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Reads one answer. */
  Received read(boolean toHead) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    Head head = null;
    int interims = -1;
    Received.Kind kind;
    try {
      do {
        head = Wire.readHead(in);
        interims++;
      } while (head != null && head.status() / 100 == 1);
      if (head != null) {
        readBody(head, toHead, body);
      }
      kind = head == null ? Received.Kind.CLOSED : Received.Kind.WHOLE;
    } catch (EOFException | ProtocolException e) {
      kind = Received.Kind.BROKEN;
    } catch (SocketTimeoutException e) {
      kind = Received.Kind.SILENT;
    } catch (IOException e) {
      kind = head == null ? Received.Kind.CLOSED : Received.Kind.BROKEN;
    }
    return new Received(kind, head, body.toString(ISO_8859_1), Math.max(0, interims));
  }

  private void readBody(Head head, boolean toHead, ByteArrayOutputStream body) throws IOException {
    if (toHead || head.status() == 204 || head.status() == 304) {
      return;
    }
    if (head.isChunked()) {
      Wire.readChunks(in, body);
    } else if (head.length() >= 0) {
      Wire.readLength(in, head.length(), body);
    } else {
      in.transferTo(body);
    }
  }

  /** Reads to the end of the connection; returns what came, null when it does not end. */
  @Nullable String rest() {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    try {
      in.transferTo(rest);
    } catch (SocketTimeoutException e) {
      return rest.size() == 0 ? null : rest.toString(ISO_8859_1);
    } catch (IOException reset) {
      // That is an end too.
    }
    return rest.toString(ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
