package io.sluice.app;

import io.sluice.admin.Complaint;
import io.sluice.admin.Reloads;
import io.sluice.config.GatewayFile;
import io.sluice.config.Problem;
import io.sluice.config.Setting;
import io.sluice.engine.LiveBook;
import io.sluice.engine.Reload;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads policies and settings again, the settings as far as they can change while the gateway runs:
 * where requests go, and how long it is waited. A file with an error changes nothing. Thread-safe.
 */
final class SettingsReload implements Reloads {

  private static final Logger LOG = LoggerFactory.getLogger(SettingsReload.class);
  private static final Pattern RELOADED =
      Pattern.compile("(upstream|upstream-[a-z-]+|upstreams\\..*|routes|timeouts\\..*)");

  private final GatewayConfig started;
  private final LiveBook book;
  private final LiveRoutes routes;
  private final Runnable certificates;
  private final InstantSource clock;
  private final Consumer<Reload> listener;
  private volatile List<Setting> inForce;
  private volatile Reload last;

  /**
   * Creates a reload of what a gateway was started with.
   *
   * @param certificates has the certificates read again
   * @param listener hears of each reading of the settings that failed or changed something
   */
  SettingsReload(
      GatewayConfig started,
      LiveBook book,
      LiveRoutes routes,
      Runnable certificates,
      InstantSource clock,
      Consumer<Reload> listener) {
    this.started = started;
    this.book = book;
    this.routes = routes;
    this.certificates = certificates;
    this.clock = clock;
    this.listener = listener;
    this.inForce = started.settings();
    this.last = new Reload(clock.instant(), true, false, started.warnings());
  }

  /** Returns every setting in force. */
  List<Setting> settings() {
    return inForce;
  }

  @Override
  public synchronized Outcome reload() {
    certificates.run();
    Reload policies = book.reload();
    last = settingsAgain();
    if (last.changed() || !last.accepted()) {
      listener.accept(last);
    }
    return outcome(policies, last);
  }

  @Override
  public Outcome last() {
    return outcome(book.last(), last);
  }

  private Reload settingsAgain() {
    GatewayFile file = started.again().get();
    GatewayConfig next = GatewayConfig.read(file);
    if (!next.engine().paths().equals(started.engine().paths())) {
      // Patterns are folded like requests, and requests are read by the old rules still.
      LOG.warn("the settings in paths have changed: they, and routes, need a restart");
      return new Reload(clock.instant(), last.accepted(), false, file.problems().all());
    }
    List<Problem> problems = file.problems().all();
    if (file.problems().hasErrors()) {
      LOG.error("settings not reloaded, those before stay in force: {}", lines(problems));
      return new Reload(clock.instant(), false, false, problems);
    }
    problems.forEach(warning -> LOG.warn("{}", warning));
    nameWhatNeedsARestart(next.settings());
    boolean changed = routes.adopt(next.routing());
    inForce = merged(next.settings());
    LOG.info(
        "settings reloaded: {} routes and {} upstreams in force{}",
        next.routing().routes().size(),
        next.routing().upstreams().size(),
        changed ? "" : ", nothing changed");
    return new Reload(clock.instant(), true, changed, problems);
  }

  private void nameWhatNeedsARestart(List<Setting> next) {
    Map<String, String> values =
        started.settings().stream().collect(Collectors.toMap(Setting::key, Setting::value));
    String changed =
        next.stream()
            .filter(setting -> !isReloaded(setting))
            .filter(setting -> !setting.value().equals(values.get(setting.key())))
            .map(Setting::key)
            .collect(Collectors.joining(", "));
    if (!changed.isEmpty()) {
      LOG.warn("changed, but needs a restart: {}", changed);
    }
  }

  private List<Setting> merged(List<Setting> next) {
    List<Setting> all = new ArrayList<>();
    started.settings().stream().filter(setting -> !isReloaded(setting)).forEach(all::add);
    next.stream().filter(SettingsReload::isReloaded).forEach(all::add);
    all.sort((a, b) -> a.key().compareTo(b.key()));
    return List.copyOf(all);
  }

  private static boolean isReloaded(Setting setting) {
    return RELOADED.matcher(setting.key()).matches();
  }

  private static Outcome outcome(Reload policies, Reload settings) {
    Instant at = policies.at().isAfter(settings.at()) ? policies.at() : settings.at();
    List<Complaint> complaints = new ArrayList<>();
    for (Reload each : List.of(settings, policies)) {
      each.problems().stream()
          .map(p -> new Complaint(p.file(), p.line(), p.isError(), p.message()))
          .forEach(complaints::add);
    }
    return new Outcome(policies.accepted() && settings.accepted(), at, complaints);
  }

  private static String lines(List<Problem> problems) {
    return problems.stream()
        .filter(Problem::isError)
        .map(String::valueOf)
        .collect(Collectors.joining("; "));
  }
}
