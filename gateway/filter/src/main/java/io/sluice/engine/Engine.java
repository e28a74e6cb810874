package io.sluice.engine;

import io.sluice.config.EngineConfig;
import io.sluice.config.GatewayFile;
import io.sluice.config.ReadingContext;
import io.sluice.filter.RateLimitFilter;
import io.sluice.identity.HeaderIdentityResolver;
import io.sluice.identity.IdentityResolver;
import io.sluice.limit.BucketStore;
import io.sluice.limit.CallerDigest;
import io.sluice.limit.RateLimiter;
import io.sluice.store.StoreStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limit engine of one process: policies that follow their folder, buckets in Redis or here, and
 * the limiter over both. The gateway and servers that embed the filter start the same one.
 * Thread-safe; close it once, when no request is under way.
 */
public final class Engine implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  private final EngineConfig config;
  private final Stores stores;
  private final LiveBook book;
  private final FolderWatch watch;
  private final IdentityResolver identities;
  private final RateLimiter limiter;

  private Engine(
      EngineConfig config,
      Stores stores,
      LiveBook book,
      FolderWatch watch,
      EngineObserver observer) {
    this.config = config;
    this.stores = stores;
    this.book = book;
    this.watch = watch;
    this.identities = new HeaderIdentityResolver(config.identity());
    this.limiter =
        new RateLimiter(
            book,
            stores.store(),
            new CallerDigest(config.identity().secret()),
            observer,
            System::nanoTime);
  }

  /**
   * Starts the engine that a gateway.conf describes; blocks about the gateway's own servers are
   * passed over.
   *
   * @param environment variables that beat the file, {@code System.getenv()} as a rule
   * @throws io.sluice.config.ConfigProblemsException with everything that is wrong
   * @throws IOException when the policies cannot be watched
   */
  public static Engine start(Path gatewayConf, Map<String, String> environment) throws IOException {
    GatewayFile file = GatewayFile.load(gatewayConf, environment);
    EngineConfig config = EngineConfig.read(file.root());
    file.problems().orThrow();
    file.problems().all().forEach(warning -> LOG.warn("{}", warning));
    return start(config, EngineObserver.NONE);
  }

  /**
   * Starts an engine. It works without Redis too, and says so in the log.
   *
   * @throws io.sluice.config.ConfigProblemsException when the policies hold an error
   * @throws RedisRequiredException when the settings require a Redis that does not work
   * @throws IOException when the policies cannot be watched
   */
  public static Engine start(EngineConfig config, EngineObserver observer) throws IOException {
    InstantSource clock = Clock.systemUTC();
    Stores stores = connect(config, observer, clock);
    try {
      LiveBook book =
          new LiveBook(
              config.policies(),
              ReadingContext.of(config),
              next -> {
                observer.bookChanging(next);
                stores.store().adopt(next);
              },
              observer::reloaded,
              clock);
      book.last().problems().forEach(problem -> LOG.warn("{}", problem));
      FolderWatch watch =
          new FolderWatch(config.policies(), config.poll(), () -> reloadOrSay(book));
      return new Engine(config, stores, book, watch, observer);
    } catch (IOException | RuntimeException e) {
      stores.close();
      throw e;
    }
  }

  /** Returns a filter for any Servlet 6 container. */
  public RateLimitFilter filter() {
    return new RateLimitFilter(limiter, identities, config.paths(), config.answers());
  }

  /** Returns what decides requests. */
  public RateLimiter limiter() {
    return limiter;
  }

  /** Returns what finds callers. */
  public IdentityResolver identities() {
    return identities;
  }

  /** Returns the policies in force, and the way to have them read again. */
  public LiveBook book() {
    return book;
  }

  /** Returns where buckets live. */
  public BucketStore store() {
    return stores.store();
  }

  /** Returns how the store fares. */
  public StoreStatus storeStatus() {
    return stores.status();
  }

  /** Returns how many buckets this process holds. */
  public long localBuckets() {
    return stores.localBuckets();
  }

  @Override
  public void close() {
    watch.close();
    stores.close();
  }

  private static Stores connect(EngineConfig config, EngineObserver observer, InstantSource clock) {
    try {
      // Read once: buckets must not see the wall clock being set.
      long offset = epochNanos(clock.instant()) - System.nanoTime();
      return Stores.open(
          config.redis(), config.store(), observer, () -> System.nanoTime() + offset);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while connecting to Redis", e);
    }
  }

  private static long epochNanos(Instant instant) {
    return Math.addExact(instant.getEpochSecond() * 1_000_000_000L, instant.getNano());
  }

  /** A reload that fails in an unforeseen way must not end the watch. */
  private static void reloadOrSay(LiveBook book) {
    try {
      Reload reload = book.reload();
      if (reload.changed()) {
        reload.problems().stream()
            .filter(problem -> !problem.isError())
            .forEach(problem -> LOG.warn("{}", problem));
      }
    } catch (RuntimeException e) {
      LOG.error("policies could not be read again, those before stay in force", e);
    }
  }
}
