package io.sluice.app;

import io.grpc.Context;
import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A server of gRPC whose messages are texts. */
final class GrpcApi implements AutoCloseable {

  /** Answers with the text in capitals. */
  static final MethodDescriptor<String, String> UPPER = method("Upper", MethodType.UNARY);

  /** Answers as many messages as the text says. */
  static final MethodDescriptor<String, String> COUNT =
      method("Count", MethodType.SERVER_STREAMING);

  /** Answers how many octets the messages have in all. */
  static final MethodDescriptor<String, String> SUM = method("Sum", MethodType.CLIENT_STREAMING);

  /** Answers each message with the same. */
  static final MethodDescriptor<String, String> ECHO = method("Echo", MethodType.BIDI_STREAMING);

  /** Fails at once, without a message. */
  static final MethodDescriptor<String, String> FAIL = method("Fail", MethodType.UNARY);

  /** Sends one message, then fails. */
  static final MethodDescriptor<String, String> BREAK =
      method("Break", MethodType.SERVER_STREAMING);

  /** Never answers. */
  static final MethodDescriptor<String, String> WAIT = method("Wait", MethodType.UNARY);

  static final Metadata.Key<String> NOTE = key("x-note");
  static final Metadata.Key<byte[]> OCTETS =
      Metadata.Key.of("x-octets-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final String SERVICE = "sluice.test.Texts";

  final CountDownLatch waiting = new CountDownLatch(1);
  final CountDownLatch cancelled = new CountDownLatch(1);
  private final Server server;

  GrpcApi() throws IOException {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder(SERVICE)
            .addMethod(UPPER, ServerCalls.asyncUnaryCall(this::upper))
            .addMethod(COUNT, ServerCalls.asyncServerStreamingCall(this::count))
            .addMethod(SUM, ServerCalls.asyncClientStreamingCall(Sum::new))
            .addMethod(ECHO, ServerCalls.asyncBidiStreamingCall(Echo::new))
            .addMethod(FAIL, ServerCalls.asyncUnaryCall(this::fail))
            .addMethod(BREAK, ServerCalls.asyncServerStreamingCall(this::breakOff))
            .addMethod(WAIT, ServerCalls.asyncUnaryCall(this::await))
            .build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .maxInboundMessageSize(16 * 1024 * 1024)
            .addService(ServerInterceptors.intercept(service, new EchoedMetadata()))
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private void upper(String text, StreamObserver<String> answer) {
    answer.onNext(text.toUpperCase(Locale.ROOT));
    answer.onCompleted();
  }

  private void count(String text, StreamObserver<String> answer) {
    ServerCallStreamObserver<String> paced = (ServerCallStreamObserver<String>) answer;
    int end = Integer.parseInt(text);
    int[] next = {0};
    paced.setOnReadyHandler(() -> {
      while (paced.isReady() && next[0] < end) {
        paced.onNext("message " + next[0]++);
        if (next[0] == end) {
          paced.onCompleted();
        }
      }
    });
  }

  private void fail(String text, StreamObserver<String> answer) {
    Metadata trailers = new Metadata();
    trailers.put(NOTE, "trailing");
    answer.onError(
        Status.FAILED_PRECONDITION.withDescription("not: " + text).asRuntimeException(trailers));
  }

  private void breakOff(String text, StreamObserver<String> answer) {
    answer.onNext("one");
    answer.onError(Status.DATA_LOSS.withDescription("after one").asRuntimeException());
  }

  private void await(String text, StreamObserver<String> answer) {
    Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
    waiting.countDown();
  }

  @Override
  public void close() {
    try {
      server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
        .build();
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {

    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Sum implements StreamObserver<String> {

    private final StreamObserver<String> answer;
    private long octets;

    Sum(StreamObserver<String> answer) {
      this.answer = answer;
    }

    @Override
    public void onNext(String message) {
      octets += message.length();
    }

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onCompleted() {
      answer.onNext(Long.toString(octets));
      answer.onCompleted();
    }
  }

  private static final class Echo implements StreamObserver<String> {

    private final StreamObserver<String> answer;

    Echo(StreamObserver<String> answer) {
      this.answer = answer;
    }

    @Override
    public void onNext(String message) {
      answer.onNext(message);
    }

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onCompleted() {
      answer.onCompleted();
    }
  }

  /** Sends what was received as metadata back, in the head and in the trailers. */
  private static final class EchoedMetadata implements ServerInterceptor {

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata received, ServerCallHandler<Q, A> next) {
      return next.startCall(
          new ForwardingServerCall.SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata head) {
              echo(head);
              super.sendHeaders(head);
            }

            @Override
            public void close(Status status, Metadata trailers) {
              echo(trailers);
              super.close(status, trailers);
            }

            private void echo(Metadata to) {
              String note = received.get(NOTE);
              byte[] octets = received.get(OCTETS);
              if (note != null && octets != null) {
                to.put(NOTE, note);
                to.put(OCTETS, octets);
              }
            }
          },
          received);
    }
  }
}
