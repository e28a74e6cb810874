package io.sluice.redis;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes in a reply of any form: Long, byte[], or a List of these, null for nil. Lettuce's own
 * output for that ({@code ScriptOutputType.OBJECT}) fails on replies that are not arrays.
 */
@SuppressWarnings("NullAway") // The superclass is not annotated: a nil reply is a null output.
final class ReplyOutput extends CommandOutput<byte[], byte[], Object> {

  private final Deque<List<@Nullable Object>> open = new ArrayDeque<>(2);

  ReplyOutput() {
    super(ByteArrayCodec.INSTANCE, null);
  }

  @Override
  public void set(long integer) {
    add(integer);
  }

  @Override
  public void set(double number) {
    add(number);
  }

  @Override
  public void set(boolean value) {
    add(value ? 1L : 0L);
  }

  @Override
  public void set(@Nullable ByteBuffer bytes) {
    add(bytes == null ? null : codec.decodeValue(bytes));
  }

  @Override
  public void multi(int count) {
    if (count < 0) {
      add(null);
      return;
    }
    List<@Nullable Object> list = new ArrayList<>(count);
    add(list);
    open.push(list);
  }

  @Override
  public void complete(int depth) {
    while (open.size() > depth) {
      open.pop();
    }
  }

  private void add(@Nullable Object value) {
    List<@Nullable Object> list = open.peek();
    if (list == null) {
      output = value;
    } else {
      list.add(value);
    }
  }
}
