package io.sluice.app;

import io.sluice.admin.Complaint;
import io.sluice.admin.Reloads;
import io.sluice.admin.StoreView;
import io.sluice.config.Setting;
import io.sluice.engine.Engine;
import io.sluice.engine.LiveBook;
import io.sluice.engine.Reload;
import io.sluice.store.StoreStatus;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;

/** What the admin pages show, in their words. */
final class AdminViews {

  private AdminViews() {}

  /** Returns reloads of the policies, and of what else is read again by the same hand. */
  static Reloads reloads(LiveBook book, Runnable others) {
    return new Reloads() {
      @Override
      public Outcome reload() {
        others.run();
        return outcome(book.reload());
      }

      @Override
      public Outcome last() {
        return outcome(book.last());
      }
    };
  }

  static StoreView store(Engine engine, InstantSource clock) {
    StoreStatus status = engine.storeStatus();
    boolean away = status.mode() == StoreStatus.Mode.LOCAL;
    return new StoreView(
        status.mode() == StoreStatus.Mode.REDIS ? "redis" : "local",
        status.target(),
        status.mode() == StoreStatus.Mode.DISABLED ? "none" : away ? "open" : "closed",
        status.target() == null ? null : clock.instant().minus(status.since()),
        away ? status.lastProblem() : null,
        engine.localBuckets());
  }

  /** Returns the settings as lines, in HOCON's own spelling, each with where it comes from. */
  static String config(List<Setting> settings) {
    return settings.stream()
        .map(s -> "%s = %s  # %s%n".formatted(s.key(), s.value(), s.source()))
        .collect(Collectors.joining());
  }

  private static Reloads.Outcome outcome(Reload reload) {
    return new Reloads.Outcome(
        reload.accepted(),
        reload.at(),
        reload.problems().stream()
            .map(p -> new Complaint(p.file(), p.line(), p.isError(), p.message()))
            .toList());
  }
}
