package io.sluice.upstream;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.jspecify.annotations.Nullable;

/**
 * The content of a request, the beginning of which may be gathered before anybody reads it. What
 * comes whole at once is handed on where it lies. Otherwise it is copied, because chunks would hold
 * the client's flow control, and thousands of small ones far more memory than they carry.
 *
 * <p>Gathering and reading follow each other and are each done by one thread at a time.
 */
final class ReadAhead implements Content.Source {

  private static final int FIRST = 4 * 1024;
  private static final byte[] NONE = {};

  private final Content.Source client;
  private final Budget budget;
  private final int most;
  private final Runnable onEnd;
  private final Runnable onAvailable = Invocable.from(InvocationType.NON_BLOCKING, this::available);
  private final AtomicBoolean demanded = new AtomicBoolean();
  private final AtomicReference<@Nullable Runnable> waiting = new AtomicReference<>();
  private byte[] gathered = NONE;
  private int size;
  private Content.@Nullable Chunk pending;
  private boolean whole;
  private long octets;
  private volatile long received;

  /**
   * Creates one.
   *
   * @param most octets to gather at most
   * @param onEnd run once, when the client has sent its last or failed
   */
  ReadAhead(Content.Source client, Budget budget, int most, Runnable onEnd) {
    this.client = client;
    this.budget = budget;
    this.most = most;
    this.onEnd = onEnd;
  }

  /**
   * Gathers what is at hand.
   *
   * @return true when no more is to be gathered: content is whole, broken, or as large as may be
   */
  boolean gather() {
    while (pending == null && size < most) {
      Content.Chunk chunk = readClient();
      if (chunk == null) {
        return false;
      }
      if (whole || !keep(chunk)) {
        pending = chunk;
      }
    }
    return true;
  }

  /** Returns whether all content is here, or can never be. */
  boolean isWhole() {
    return whole;
  }

  /** Returns why the content is broken, when gathering has met that; null otherwise. */
  @Nullable Throwable failure() {
    Content.Chunk chunk = pending;
    return chunk == null ? null : chunk.getFailure();
  }

  /** Returns how many octets the client has sent. Thread-safe. */
  long received() {
    return received;
  }

  /** Returns whether the client is waited for. Thread-safe. */
  boolean isAwaited() {
    return demanded.get();
  }

  @Override
  public long getLength() {
    return client.getLength();
  }

  @Override
  public Content.@Nullable Chunk read() {
    if (size > 0) {
      return replay();
    }
    Content.Chunk chunk = pending;
    pending = null;
    return chunk == null ? readClient() : chunk;
  }

  @Override
  public void demand(Runnable callback) {
    if (size > 0 || pending != null) {
      callback.run();
    } else {
      await(callback);
    }
  }

  /** Runs the callback when the client has sent more, whatever is gathered already. */
  void await(Runnable callback) {
    // One who gathered may have asked already; whoever reads now is woken in its stead.
    waiting.set(callback);
    if (demanded.compareAndSet(false, true)) {
      client.demand(onAvailable);
    }
  }

  @Override
  public void fail(Throwable reason) {
    free();
    Content.Chunk chunk = pending;
    pending = null;
    if (chunk != null) {
      chunk.release();
    }
    client.fail(reason);
  }

  private void available() {
    demanded.set(false);
    Runnable callback = waiting.getAndSet(null);
    if (callback != null) {
      callback.run();
    }
  }

  private Content.@Nullable Chunk readClient() {
    if (demanded.get()) {
      return null;
    }
    Content.Chunk chunk = client.read();
    if (chunk == null) {
      return null;
    }
    octets += chunk.remaining();
    received = octets;
    if (!whole && (chunk.isLast() || Content.Chunk.isFailure(chunk) || octets == getLength())) {
      whole = true;
      onEnd.run();
    }
    return chunk;
  }

  /** Copies a chunk and gives it back; returns false when there is no room for it. */
  private boolean keep(Content.Chunk chunk) {
    int needed = size + chunk.remaining();
    if (needed > most || !makeRoom(needed)) {
      return false;
    }
    int length = chunk.remaining();
    chunk.getByteBuffer().get(gathered, size, length);
    size += length;
    chunk.release();
    return true;
  }

  private boolean makeRoom(int needed) {
    if (needed <= gathered.length) {
      return true;
    }
    int capacity = Math.min(most, Math.max(FIRST, Math.max(needed, 2 * gathered.length)));
    if (!budget.take(capacity - gathered.length)) {
      return false;
    }
    gathered = Arrays.copyOf(gathered, capacity);
    return true;
  }

  private Content.Chunk replay() {
    ByteBuffer octets = ByteBuffer.wrap(gathered, 0, size);
    int capacity = gathered.length;
    size = 0;
    gathered = NONE;
    return Content.Chunk.from(octets, false, () -> budget.give(capacity));
  }

  private void free() {
    int capacity = gathered.length;
    size = 0;
    gathered = NONE;
    budget.give(capacity);
  }
}
