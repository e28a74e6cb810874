package io.sluice.sample;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** What has been said lately, and who listens. Thread-safe. */
final class ChatRoom {

  private static final int MESSAGES_KEPT = 20;
  private static final int LONGEST_MESSAGE = 1_000;

  private final Deque<Map<String, Object>> messages = new ArrayDeque<>();
  private final Set<Consumer<String>> listeners = ConcurrentHashMap.newKeySet();
  private long last;

  /**
   * Keeps a message and tells it to all who listen.
   *
   * @param shown what stands beside it; its number is put in front
   * @return the message as it is told
   */
  Map<String, Object> say(String text, Map<String, Object> shown) {
    Map<String, Object> message = new LinkedHashMap<>();
    synchronized (messages) {
      message.put("id", ++last);
      message.putAll(shown);
      message.put("message", text.substring(0, Math.min(LONGEST_MESSAGE, text.length())));
      messages.addLast(message);
      if (messages.size() > MESSAGES_KEPT) {
        messages.removeFirst();
      }
    }
    String told = SampleJson.of(message);
    listeners.forEach(listener -> listener.accept(told));
    return message;
  }

  List<Map<String, Object>> messages() {
    synchronized (messages) {
      return List.copyOf(messages);
    }
  }

  /** Tells each message from now on, as JSON, on the thread of who says it. */
  void join(Consumer<String> listener) {
    listeners.add(listener);
  }

  void leave(Consumer<String> listener) {
    listeners.remove(listener);
  }
}
