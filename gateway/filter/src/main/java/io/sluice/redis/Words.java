package io.sluice.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;

/**
 * A command as Redis reads it: an array of words, each with its length (RESP, section "Arrays").
 * Laid out once by whoever asks, so that the line's own thread has only to copy it. Not
 * thread-safe.
 */
final class Words {

  /** Room for a marker, the digits of a length and the ends of two lines. */
  private static final int FRAME = 16;

  private final byte[] bytes;
  private int length;

  private Words(int count, int size) {
    bytes = new byte[size + FRAME * (count + 1)];
    number('*', count);
  }

  static Words of(byte[]... words) {
    return new Words(words.length, size(Arrays.asList(words))).addAll(Arrays.asList(words));
  }

  /** Returns the call of a script; the verb and the script are the first two words. */
  static Words ofScript(byte[] verb, byte[] script, List<byte[]> keys, List<byte[]> arguments) {
    byte[] count = Integer.toString(keys.size()).getBytes(US_ASCII);
    List<byte[]> head = List.of(verb, script, count);
    return new Words(
            head.size() + keys.size() + arguments.size(), size(head) + size(keys) + size(arguments))
        .addAll(head)
        .addAll(keys)
        .addAll(arguments);
  }

  void writeTo(ByteBuf buffer) {
    buffer.writeBytes(bytes, 0, length);
  }

  private Words addAll(List<byte[]> words) {
    for (int i = 0; i < words.size(); i++) {
      byte[] word = words.get(i);
      number('$', word.length);
      System.arraycopy(word, 0, bytes, length, word.length);
      length += word.length;
      endLine();
    }
    return this;
  }

  private void number(char marker, int number) {
    bytes[length++] = (byte) marker;
    int digits = 1;
    for (int rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    int rest = number;
    for (int at = length + digits - 1; at >= length; at--) {
      bytes[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
    endLine();
  }

  private void endLine() {
    bytes[length++] = '\r';
    bytes[length++] = '\n';
  }

  private static int size(List<byte[]> words) {
    int size = 0;
    for (int i = 0; i < words.size(); i++) {
      size += words.get(i).length;
    }
    return size;
  }
}
