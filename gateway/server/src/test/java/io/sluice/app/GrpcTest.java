package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.sluice.upstream.Protocol;
import io.sluice.upstream.UpstreamSettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real client and a real server of gRPC with the gateway between them. */
@NullMarked
@Timeout(60)
class GrpcTest {

  private static final int FOUR_MEGABYTES = 4 * 1024 * 1024;

  private GrpcApi api;
  private TestGateway gateway;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    api = new GrpcApi();
    gateway =
        new TestGateway(TestGateway.server(TestGateway.LONG), upstream(api.port()), List.of());
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", gateway.port())
            .usePlaintext()
            .maxInboundMessageSize(16 * 1024 * 1024)
            .build();
  }

  static UpstreamSettings upstream(int port) {
    return new UpstreamSettings(
        URI.create("http://127.0.0.1:" + port),
        Duration.ofSeconds(5),
        TestGateway.LONG,
        TestGateway.LONG,
        10,
        100,
        UpstreamSettings.USUAL_AGE,
        Protocol.H2);
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    gateway.close();
    api.close();
  }

  @Test
  void aUnaryCallIsAnswered() {
    for (int i = 0; i < 50; i++) {
      assertThat(ask("text " + i)).isEqualTo("TEXT " + i);
    }
  }

  @Test
  void aServerStreamsItsAnswers() {
    Iterator<String> answers =
        ClientCalls.blockingServerStreamingCall(
            channel, GrpcApi.COUNT, CallOptions.DEFAULT, "2000");
    for (int i = 0; i < 2000; i++) {
      assertThat(answers.next()).isEqualTo("message " + i);
    }
    assertThat(answers.hasNext()).isFalse();
  }

  @Test
  void aClientStreamsItsQuestions() throws Exception {
    Heard heard = new Heard();
    StreamObserver<String> questions =
        ClientCalls.asyncClientStreamingCall(
            channel.newCall(GrpcApi.SUM, CallOptions.DEFAULT), heard);
    for (int i = 0; i < 500; i++) {
      questions.onNext("x".repeat(1000));
    }
    questions.onCompleted();
    assertThat(heard.next()).isEqualTo("500000");
    assertThat(heard.end().getCode()).isEqualTo(Status.Code.OK);
  }

  @Test
  void bothSidesStreamAndEachMessageGoesOnAtOnce() throws Exception {
    Heard heard = new Heard();
    StreamObserver<String> questions =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(GrpcApi.ECHO, CallOptions.DEFAULT), heard);
    for (int i = 0; i < 200; i++) {
      questions.onNext("ping " + i);
      assertThat(heard.next()).isEqualTo("ping " + i);
    }
    questions.onCompleted();
    assertThat(heard.end().getCode()).isEqualTo(Status.Code.OK);
  }

  @Test
  void messagesOfFourMegabytesPassBothWays() {
    String large = "a".repeat(FOUR_MEGABYTES);
    assertThat(ask(large).length()).isEqualTo(FOUR_MEGABYTES);
  }

  @Test
  void anErrorWithoutAMessageReachesTheClientWithItsTrailers() {
    StatusRuntimeException error = failure(GrpcApi.FAIL, CallOptions.DEFAULT);
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(error.getStatus().getDescription()).isEqualTo("not: x");
    assertThat(error.getTrailers().get(GrpcApi.NOTE)).isEqualTo("trailing");
  }

  @Test
  void anErrorAfterAMessageReachesTheClient() {
    Iterator<String> answers =
        ClientCalls.blockingServerStreamingCall(channel, GrpcApi.BREAK, CallOptions.DEFAULT, "x");
    assertThat(answers.next()).isEqualTo("one");
    StatusRuntimeException error =
        catchThrowableOfType(StatusRuntimeException.class, answers::hasNext);
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.DATA_LOSS);
    assertThat(error.getStatus().getDescription()).isEqualTo("after one");
  }

  @Test
  void metadataPassesBothWays() {
    Metadata sent = new Metadata();
    sent.put(GrpcApi.NOTE, "a note");
    sent.put(GrpcApi.OCTETS, new byte[] {0, 1, (byte) 200});
    AtomicReference<Metadata> head = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    ClientCalls.blockingUnaryCall(
        ClientInterceptors.intercept(
            channel,
            MetadataUtils.newAttachHeadersInterceptor(sent),
            MetadataUtils.newCaptureMetadataInterceptor(head, trailers)),
        GrpcApi.UPPER,
        CallOptions.DEFAULT,
        "x");
    for (Metadata received : List.of(head.get(), trailers.get())) {
      assertThat(received.get(GrpcApi.NOTE)).isEqualTo("a note");
      assertThat(received.get(GrpcApi.OCTETS)).containsExactly(0, 1, 200);
    }
  }

  @Test
  void aDeadlineEndsTheCallOnBothSides() throws Exception {
    StatusRuntimeException error =
        failure(GrpcApi.WAIT, CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS));
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(api.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aClientThatCancelsCancelsTheCallUpstreamWithinASecond() throws Exception {
    ClientCall<String, String> call = channel.newCall(GrpcApi.WAIT, CallOptions.DEFAULT);
    Heard heard = new Heard();
    ClientCalls.asyncUnaryCall(call, "x", heard);
    assertThat(api.waiting.await(10, TimeUnit.SECONDS)).isTrue();
    long start = System.nanoTime();
    call.cancel("enough", null);
    assertThat(api.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    assertThat(heard.end().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(ask("still")).isEqualTo("STILL");
  }

  @Test
  void aServerThatIsAwayIsUnavailable() {
    api.close();
    StatusRuntimeException error = failure(GrpcApi.UPPER, CallOptions.DEFAULT);
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void aRefusedCallIsToldThatItHasNoMoreAndWhenToComeAgain(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("gateway.conf");
    Files.createDirectories(folder.resolve("policies"));
    Files.writeString(
        folder.resolve("policies/upper.conf"),
        "match = \"POST /sluice.test.Texts/Upper\"\nlimits = [ { key = ip, rate = 1/min } ]");
    Files.writeString(
        file,
        """
        server { port = 0, host = "127.0.0.1" }
        admin { enabled = false }
        upstream = "http://127.0.0.1:%d"
        upstream-protocol = h2
        redis { enabled = false }
        policies { directory = policies }
        access-log { enabled = false }
        """
            .formatted(api.port()));
    try (Gateway limiting = Gateway.start(GatewayConfig.load(file, Map.of()))) {
      channel.shutdownNow();
      channel = NettyChannelBuilder.forAddress("127.0.0.1", limiting.port()).usePlaintext().build();
      assertThat(ask("one")).isEqualTo("ONE");
      StatusRuntimeException error = failure(GrpcApi.UPPER, CallOptions.DEFAULT);
      assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(error.getStatus().getDescription())
          .startsWith("upper allows 1 request in 1 minute for each address; try again in ");
      assertThat(Integer.parseInt(error.getTrailers().get(GrpcApi.key("grpc-retry-pushback-ms"))))
          .isBetween(1000, 60_000);
      assertThat(error.getTrailers().get(GrpcApi.key("ratelimit"))).startsWith("\"upper\";r=0;t=");
      assertThat(failure(GrpcApi.FAIL, CallOptions.DEFAULT).getStatus().getCode())
          .as("a call on the same connection")
          .isEqualTo(Status.Code.FAILED_PRECONDITION);
    }
  }

  private String ask(String text) {
    return ClientCalls.blockingUnaryCall(channel, GrpcApi.UPPER, CallOptions.DEFAULT, text);
  }

  private StatusRuntimeException failure(
      MethodDescriptor<String, String> method, CallOptions options) {
    return catchThrowableOfType(
        StatusRuntimeException.class,
        () -> ClientCalls.blockingUnaryCall(channel, method, options, "x"));
  }

  /** What a client hears of a call. */
  private static final class Heard implements StreamObserver<String> {

    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    String next() throws Exception {
      String message = messages.poll(10, TimeUnit.SECONDS);
      assertThat(message).as("a message").isNotNull();
      return message;
    }

    Status end() throws Exception {
      return end.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(String message) {
      messages.add(message);
    }

    @Override
    public void onError(Throwable cause) {
      end.complete(Status.fromThrowable(cause));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }
  }
}
