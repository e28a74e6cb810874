package io.sluice.filter;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** A plain embedded Tomcat on a free port of the loopback, with ten threads. */
final class TomcatServer implements AutoCloseable {

  private static final Logger QUIET = Logger.getLogger("org.apache");

  private final Path home;
  private final Tomcat tomcat = new Tomcat();
  private final Context context;

  TomcatServer() {
    QUIET.setLevel(Level.SEVERE);
    try {
      home = Files.createTempDirectory("sluice-tomcat");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    tomcat.setBaseDir(home.toString());
    Connector connector = new Connector();
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("maxThreads", "10");
    connector.setProperty("acceptCount", "1024");
    tomcat.setConnector(connector);
    context = tomcat.addContext("", home.toString());
  }

  TomcatServer filter(Filter filter, Set<DispatcherType> types) {
    return filter(filter, true, types);
  }

  TomcatServer filter(Filter filter, boolean async, Set<DispatcherType> types) {
    String name = "filter" + context.findFilterDefs().length;
    FilterDef definition = new FilterDef();
    definition.setFilterName(name);
    definition.setFilter(filter);
    definition.setAsyncSupported(String.valueOf(async));
    context.addFilterDef(definition);
    FilterMap map = new FilterMap();
    map.setFilterName(name);
    map.addURLPattern("/*");
    types.forEach(type -> map.setDispatcher(type.name()));
    context.addFilterMap(map);
    return this;
  }

  TomcatServer servlet(String path, boolean async, HttpServlet servlet) {
    String name = "servlet" + path;
    Wrapper wrapper = Tomcat.addServlet(context, name, servlet);
    wrapper.setAsyncSupported(async);
    wrapper.addMapping(path);
    return this;
  }

  TomcatServer errorPage(String location) {
    ErrorPage page = new ErrorPage();
    page.setErrorCode(418);
    page.setLocation(location);
    context.addErrorPage(page);
    return this;
  }

  TomcatServer start() {
    try {
      tomcat.start();
    } catch (LifecycleException e) {
      throw new IllegalStateException(e);
    }
    return this;
  }

  int port() {
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  public void close() throws LifecycleException, IOException {
    tomcat.stop();
    tomcat.destroy();
    try (Stream<Path> files = Files.walk(home)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    }
  }
}
