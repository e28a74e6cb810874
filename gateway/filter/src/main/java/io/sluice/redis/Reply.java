package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Redis said to a command.
 *
 * @param value Long, Double, byte[] or a List of these; null for nil, and where it refused
 * @param refusal the error it answered with, in its own words; null where it carried the command
 *     out
 * @param remedy what to do about the refusal; null where there is none
 */
public record Reply(@Nullable Object value, @Nullable String refusal, @Nullable String remedy) {

  /** Returns the reply to a command that was carried out. */
  public static Reply of(@Nullable Object value) {
    return new Reply(value, null, null);
  }

  /** Returns the reply to a command that was not carried out. */
  public static Reply refused(String error, String remedy) {
    return new Reply(null, error, remedy);
  }

  /** Returns whether the command was carried out. */
  public boolean isGranted() {
    return refusal == null;
  }

  /** Returns the kind of error it refused with, for example {@code MOVED}; else empty. */
  public String code() {
    return refusal == null ? "" : refusal.split(" ", 2)[0];
  }

  /** Returns whether the user may not do this; the command itself, or with this key. */
  public boolean isForbidden() {
    return code().equals("NOPERM");
  }

  /** Returns whether the server has no such command, or has it under another name. */
  public boolean isUnknownCommand() {
    return refusal != null && refusal.startsWith("ERR unknown command");
  }

  /** Returns the value as text; empty where there is none, or more than one. */
  public String text() {
    return text(value);
  }

  /** Returns the value as a number; 0 where it is none. */
  public long number() {
    return value instanceof Long number ? number : 0;
  }

  /** Returns the values of a list; empty where it is none. */
  public List<?> list() {
    return value instanceof List<?> list ? list : List.of();
  }

  /** Returns a list of names and values in turn, as HELLO and CONFIG GET reply with. */
  public Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    List<?> list = list();
    for (int i = 0; i + 1 < list.size(); i += 2) {
      fields.put(text(list.get(i)), text(list.get(i + 1)));
    }
    return fields;
  }

  /** Returns an element of a reply as text; empty where it is a list or nil. */
  public static String text(@Nullable Object element) {
    if (element instanceof byte[] bytes) {
      return new String(bytes, UTF_8);
    }
    return element instanceof Number ? element.toString() : "";
  }
}
