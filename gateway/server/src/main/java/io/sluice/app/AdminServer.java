package io.sluice.app;

import io.sluice.admin.AdminGuard;
import io.sluice.admin.AdminPages;
import io.sluice.admin.AdminParts;
import io.sluice.admin.AdminSettings;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The listener that operators talk to. It has threads of its own, so it answers when the gateway's
 * are busy, and its pages may wait.
 */
final class AdminServer implements AutoCloseable {

  private static final int MAX_THREADS = 12;
  private static final int IDLE_MILLIS = 30_000;

  private final AdminSettings settings;
  private final Server server;
  private final ServerConnector connector;

  AdminServer(AdminSettings settings, AdminParts parts) {
    this.settings = settings;
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
    threads.setName("sluice-admin");
    threads.setDaemon(true);
    server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setIdleTimeout(IDLE_MILLIS);
    server.addConnector(connector);
    server.setErrorHandler(new ProblemErrorHandler());
    server.setHandler(pages(settings, parts));
  }

  /**
   * Starts to listen.
   *
   * @throws IOException when the address cannot be bound; the message names it and the remedy
   */
  void start() throws IOException {
    try {
      server.start();
    } catch (Exception e) {
      close();
      throw Listening.explained(
          e, settings.host(), settings.port(), "admin.port (SLUICE_ADMIN_PORT)", "admin.host");
    }
  }

  int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the admin listener did not stop: " + e.getMessage(), e);
    } finally {
      server.destroy();
    }
  }

  private static ServletContextHandler pages(AdminSettings settings, AdminParts parts) {
    ServletContextHandler context = new ServletContextHandler();
    context.setErrorHandler(new ProblemErrorHandler());
    context.addFilter(
        new FilterHolder(new AdminGuard(settings.token())),
        AdminPages.GUARDED,
        EnumSet.of(DispatcherType.REQUEST));
    AdminPages.of(parts).forEach((path, page) -> context.addServlet(new ServletHolder(page), path));
    return context;
  }
}
