package io.sluice.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.redis.Console;
import io.sluice.redis.RedisUnavailableException;
import io.sluice.redis.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers what it was told to, by the first words of a command; nil to all else. */
final class ScriptedConsole implements Console {

  final List<String> asked = new ArrayList<>();
  private final Map<String, Reply> replies = new LinkedHashMap<>();
  private int answers = Integer.MAX_VALUE;

  /** Answers commands that begin so with a text. */
  ScriptedConsole text(String command, String reply) {
    return reply(command, Reply.of(reply.getBytes(UTF_8)));
  }

  /** Answers commands that begin so with a list of texts. */
  ScriptedConsole list(String command, String... replies) {
    return reply(command, Reply.of(Arrays.stream(replies).map(r -> r.getBytes(UTF_8)).toList()));
  }

  /** Answers commands that begin so. */
  ScriptedConsole reply(String command, Reply reply) {
    replies.put(command, reply);
    return this;
  }

  /** Goes silent after so many answers. */
  ScriptedConsole silentAfter(int answers) {
    this.answers = answers;
    return this;
  }

  @Override
  public Reply ask(String... words) {
    String command = String.join(" ", words);
    asked.add(command);
    if (answers-- <= 0) {
      throw new RedisUnavailableException("redis://fake did not answer within 10 ms", null);
    }
    return replies.entrySet().stream()
        .filter(entry -> command.startsWith(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(Reply.of(null));
  }

  @Override
  public String target() {
    return "redis://fake";
  }

  @Override
  public void close() {}
}
