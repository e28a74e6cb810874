package io.sluice.sample;

import java.util.Map;
import java.util.function.Consumer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;

/** One WebSocket to the chat (RFC 6455): what it sends is said, and what is said it hears. */
public final class ChatSocket implements Session.Listener.AutoDemanding {

  private final ChatRoom room;
  private @Nullable Consumer<String> listener;

  ChatSocket(ChatRoom room) {
    this.room = room;
  }

  @Override
  public void onWebSocketOpen(Session session) {
    Consumer<String> made = message -> session.sendText(message, Callback.NOOP);
    listener = made;
    room.join(made);
  }

  @Override
  public void onWebSocketText(String message) {
    room.say(message, Map.of("request", "WebSocket"));
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    leave();
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    leave();
  }

  private void leave() {
    Consumer<String> joined = listener;
    if (joined != null) {
      room.leave(joined);
    }
  }
}
