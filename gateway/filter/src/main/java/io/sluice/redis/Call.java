package io.sluice.redis;

import io.lettuce.core.internal.ExceptionFactory;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A command under way. It ends once: with a reply, with a failure, or given up; what comes later is
 * ignored. Lettuce's own asynchronous command does the same behind a future of its own and another
 * set of arguments, which cost more than the command. Thread-safe.
 */
@SuppressWarnings("NullAway") // The superclass is not annotated.
final class Call extends Command<byte[], byte[], Object> {

  private final AtomicBoolean ended = new AtomicBoolean();
  private final LongSupplier nanoTime;
  private volatile long sentAt;
  private volatile @Nullable Words words;
  private volatile @Nullable Ending ending;

  /** Hears how a call ended. */
  interface Ending {

    /**
     * Either it failed or there is a reply, which may be null.
     *
     * @param written whether it was written to the connection
     */
    void of(@Nullable Object reply, @Nullable Throwable failure, boolean written);
  }

  /**
   * Creates a call that is to be sent.
   *
   * @param nanoTime the link's clock
   * @param ending is told once, on whatever thread ends the call
   */
  Call(CommandType type, Words words, LongSupplier nanoTime, Ending ending) {
    super(type, new ReplyOutput());
    this.words = words;
    this.nanoTime = nanoTime;
    this.sentAt = nanoTime.getAsLong();
    this.ending = ending;
  }

  /** Returns when it was written to the connection; before that, when it was made. */
  long sentAt() {
    return sentAt;
  }

  @Override
  public void encode(ByteBuf buffer) {
    Words all = words;
    if (all == null) {
      throw new IllegalStateException("a command is sent once");
    }
    words = null;
    sentAt = nanoTime.getAsLong();
    all.writeTo(buffer);
  }

  @Override
  public void complete() {
    CommandOutput<byte[], byte[], Object> output = getOutput();
    if (output.hasError()) {
      end(null, ExceptionFactory.createExecutionException(output.getError()));
    } else {
      end(output.get(), null);
    }
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    return end(null, failure);
  }

  @Override
  public void cancel() {
    end(null, new CancellationException("the connection was closed"));
  }

  @Override
  public boolean isDone() {
    return ended.get();
  }

  private boolean end(@Nullable Object reply, @Nullable Throwable failure) {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    Ending told = ending;
    ending = null; // Whoever still holds the call holds nothing that hangs on it.
    if (told != null) {
      told.of(reply, failure, words == null);
    }
    return true;
  }
}
