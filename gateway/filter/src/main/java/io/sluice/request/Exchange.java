package io.sluice.request;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer on the way through the gateway. Filters listen to it: they see the
 * answer exactly as it goes to the wire, whoever wrote it and however asynchronously, without
 * buffering, and are told exactly once how it ended.
 *
 * <p>Listeners are added before the answer begins. They are called in the order added, one call at
 * a time and in order of events, on the thread that writes; they must not block. One that throws is
 * dropped and harms neither the exchange nor the other listeners.
 */
public final class Exchange {

  /** The request attribute under which filters find the exchange. */
  public static final String ATTRIBUTE = "io.sluice.exchange";

  /** How an exchange ended. */
  public enum End {
    /** The whole answer was handed to the transport. */
    COMPLETED,
    /** The client went away, or its connection broke, before that. */
    CLIENT_GONE,
    /** The upstream failed after its answer had begun, so the client got a broken answer. */
    UPSTREAM_BROKE
  }

  /**
   * What is known when an exchange has ended.
   *
   * @param end how it ended
   * @param status the status sent; 0 when none was
   * @param contentBytes octets of content handed to the transport
   * @param nanos nanoseconds from the request's first octet to the end
   */
  public record Outcome(End end, int status, long contentBytes, long nanos) {}

  /** Hears an answer pass. */
  public interface Listener {

    /**
     * The status line and fields are about to be written; the list is valid during the call only.
     * 1xx answers are not told.
     */
    default void onResponse(int status, List<Map.Entry<String, String>> fields) {}

    /** A chunk is about to be written; the buffer is read-only and valid during the call only. */
    default void onContent(ByteBuffer chunk) {}

    /** The exchange has ended; nothing follows. */
    default void onEnd(Outcome outcome) {}
  }

  /** Carries the request on, and can stop doing so. */
  public interface Bearer {

    /** The client has left; nobody awaits the answer. May be called more than once. */
    void clientLeft(Throwable how);

    /** The exchange has ended, every one once: what is still under way for it is in vain. */
    void exchangeEnded();
  }

  private final String decisionId;
  private final long startNanos;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile int status;
  private volatile long contentBytes;
  private volatile long upstreamNanos = -1;
  private volatile @Nullable Bearer bearer;
  private volatile @Nullable Throwable abandoned;
  private final AtomicReference<@Nullable End> brokenBy = new AtomicReference<>();

  /**
   * Creates an exchange.
   *
   * @param startNanos the elapsed-time clock when the request began
   */
  public Exchange(String decisionId, long startNanos) {
    this.decisionId = decisionId;
    this.startNanos = startNanos;
  }

  /** Returns the id that names this request in its answer and in the logs. */
  public String decisionId() {
    return decisionId;
  }

  /** Returns the elapsed-time clock when the request began. */
  public long startNanos() {
    return startNanos;
  }

  /** Returns the status sent so far; 0 before the answer begins. */
  public int status() {
    return status;
  }

  /** Returns the nanoseconds until the upstream's answer began; -1 when none has. */
  public long upstreamNanos() {
    return upstreamNanos;
  }

  /** For whoever forwards: the upstream's answer begins, so many nanoseconds after it was asked. */
  public void upstreamAnswered(long nanos) {
    upstreamNanos = nanos;
  }

  /**
   * For whoever forwards: hears when the client leaves and when the exchange ends, and at once if
   * that has happened already; null for nobody.
   */
  public void carriedBy(@Nullable Bearer forwarder) {
    bearer = forwarder;
    if (forwarder == null) {
      return;
    }
    Throwable how = abandoned;
    if (how != null) {
      forwarder.clientLeft(how);
    }
    if (ended.get()) {
      forwarder.exchangeEnded();
    }
  }

  /** For the carrier: the client has left. Who forwards the request, now or later, is told. */
  public void abandon(Throwable how) {
    abandoned = how; // Before the look for a bearer, who comes before he looks here.
    Bearer forwarder = bearer;
    if (forwarder != null) {
      forwarder.clientLeft(how);
    }
  }

  /** Adds a listener. */
  public void listen(Listener listener) {
    listeners.add(listener);
  }

  /** For the carrier: the answer begins. */
  public void responded(int newStatus, List<Map.Entry<String, String>> fields) {
    status = newStatus;
    tell(listener -> listener.onResponse(newStatus, fields));
  }

  /** For the carrier: a chunk is about to be written. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // chunks are written one after the other
  public void wrote(ByteBuffer chunk) {
    contentBytes += chunk.remaining();
    if (!listeners.isEmpty()) {
      tell(listener -> listener.onContent(chunk.asReadOnlyBuffer()));
    }
  }

  /** For the carrier: so many octets went to the client after a switch of protocols. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // by whoever ends the exchange
  public void relayed(long octets) {
    contentBytes += octets;
  }

  /** For whoever breaks an answer off: why, before the carrier notices. The first cause counts. */
  public void breaking(End cause) {
    brokenBy.compareAndSet(null, cause);
  }

  /** For the carrier: the transport is done with the answer; calls after the first do nothing. */
  public void ended(boolean whole, long nowNanos) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    Bearer forwarder = bearer;
    if (forwarder != null) {
      forwarder.exchangeEnded();
    }
    End cause = brokenBy.get();
    End broken = cause == null ? End.CLIENT_GONE : cause;
    Outcome outcome =
        new Outcome(whole ? End.COMPLETED : broken, status, contentBytes, nowNanos - startNanos);
    tell(listener -> listener.onEnd(outcome));
  }

  @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a copy-on-write list allows it
  private void tell(Consumer<Listener> event) {
    for (Listener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        listeners.remove(listener);
        System.getLogger(Exchange.class.getName())
            .log(System.Logger.Level.WARNING, "an exchange listener failed and was dropped", e);
      }
    }
  }
}
