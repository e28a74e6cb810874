package io.sluice.acceptance;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** Collects all that a gateway as shipped would log, and keeps it off the console, until closed. */
final class LogBook implements AutoCloseable {

  /** As the shipped logback.xml has them. */
  private static final Map<String, Level> LEVELS =
      Map.of(
          "io.lettuce", Level.ERROR,
          "io.lettuce.core.protocol.DefaultEndpoint", Level.OFF,
          "io.netty", Level.WARN,
          "org.eclipse.jetty", Level.WARN);

  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Level usual = root.getLevel();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final List<ch.qos.logback.core.Appender<ILoggingEvent>> others = new ArrayList<>();

  LogBook() {
    root.iteratorForAppenders().forEachRemaining(others::add);
    others.forEach(root::detachAppender);
    root.setLevel(Level.INFO);
    LEVELS.forEach((name, level) -> context.getLogger(name).setLevel(level));
    lines.start();
    root.addAppender(lines);
  }

  /**
   * Returns the lines about Redis and what is stored there, each after its level; without the one
   * that follows a recovery some time later, when all that was spent has been debited.
   */
  List<String> ofStore() {
    return events().stream()
        .filter(event -> !event.getLoggerName().startsWith("io.sluice.app"))
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .filter(line -> !line.startsWith("INFO what was spent without Redis is settled: "))
        .toList();
  }

  /** Returns how many octets all lines and stack traces have. */
  long octets() {
    long octets = 0;
    for (ILoggingEvent event : events()) {
      String stack =
          event.getThrowableProxy() == null
              ? ""
              : ThrowableProxyUtil.asString(event.getThrowableProxy());
      String line =
          "yyyy-mm-ddThh:mm:ss.SSSZ ERROR %s: %s\n%s"
              .formatted(
                  event.getLoggerName().replaceAll(".*\\.", ""),
                  event.getFormattedMessage(),
                  stack);
      octets += line.getBytes(StandardCharsets.UTF_8).length;
    }
    return octets;
  }

  /** Forgets what was logged so far. */
  void clear() {
    synchronized (lines) {
      lines.list.clear();
    }
  }

  private List<ILoggingEvent> events() {
    return List.copyOf(lines.list);
  }

  @Override
  public void close() {
    root.detachAppender(lines);
    others.forEach(root::addAppender);
    root.setLevel(usual);
    LEVELS.keySet().forEach(name -> context.getLogger(name).setLevel(null));
  }
}
