package io.sluice.redis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the file of a password each second and logs the connection in again when it holds
 * another one. Redis goes on serving a connection that fails to log in again as whom it knew
 * before, so nothing is lost by trying; it is tried until it is accepted, and told once.
 *
 * <p>A content counts when two looks in a row have seen it, because a file may be seen while it is
 * being written. Whoever dials reads the file itself: see {@link LettuceShape#uri}.
 */
final class PasswordWatch {

  private static final Logger LOG = LoggerFactory.getLogger(PasswordWatch.class);

  private final String target;
  private final RedisLogin login;
  private final Path file;
  private final Function<RedisLogin, CompletionStage<?>> authenticate;

  private volatile @Nullable String accepted;
  private volatile @Nullable String told;
  private volatile boolean asking;
  private String seen = "";

  private PasswordWatch(
      RedisSettings settings, Path file, Function<RedisLogin, CompletionStage<?>> authenticate) {
    this.target = settings.toString();
    this.login = settings.login();
    this.accepted = login.password();
    this.file = file;
    this.authenticate = authenticate;
  }

  /**
   * Starts watching where there is a file to watch.
   *
   * @param authenticate logs the present connection in; fails with {@link
   *     RedisUnavailableException}, a refusal or not, also where there is no connection
   * @return ends it; the end of the executor does so too
   */
  static Runnable start(
      RedisSettings settings,
      ScheduledExecutorService executor,
      Function<RedisLogin, CompletionStage<?>> authenticate) {
    Path file = settings.login().passwordFile();
    if (file == null) {
      return () -> {};
    }
    PasswordWatch watch = new PasswordWatch(settings, file, authenticate);
    Future<?> looks = executor.scheduleWithFixedDelay(watch::look, 1, 1, TimeUnit.SECONDS);
    return () -> looks.cancel(false);
  }

  private void look() {
    try {
      RedisLogin now = login.current();
      String password = String.valueOf(now.password());
      if (isSettled(password) && !password.equals(accepted) && !asking) {
        asking = true;
        var unused =
            authenticate.apply(now).whenComplete((ok, failure) -> answered(password, failure));
      }
    } catch (IOException e) {
      if (isSettled(e.toString())) {
        tell("%s; the connection to %s goes on".formatted(e.getMessage(), target));
      }
    }
  }

  private boolean isSettled(String content) {
    boolean settled = content.equals(seen);
    seen = content;
    return settled;
  }

  private void answered(String password, @Nullable Throwable failure) {
    if (failure == null) {
      accepted = password;
      told = null;
      LOG.info("logged in to {} with the password that {} holds now", target, file);
    } else if (unwrapped(failure) instanceof RedisUnavailableException problem
        && problem.isRefusal()) {
      tell(
          "the password that %s holds now is refused: %s. The connection goes on, and the password is tried each second"
              .formatted(file, problem.getMessage()));
    }
    asking = false; // Without a connection nothing is said: whoever dials reads the file.
  }

  private void tell(String problem) {
    if (!problem.equals(told)) {
      told = problem;
      LOG.error("{}", problem);
    }
  }

  private static @Nullable Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException ? failure.getCause() : failure;
  }
}
