package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.policy.Bandwidth;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import io.sluice.policy.PolicyBook;
import io.sluice.request.PathRules;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The files that a fresh clone starts with. */
final class ShippedFilesTest {

  private static final Path CLONE = Path.of("../..").toAbsolutePath().normalize();

  @Test
  void theSettingsAreSoundAndFindTheirFolder() {
    GatewayFile file = GatewayFile.load(CLONE.resolve("config/gateway.conf"), Map.of());
    EngineConfig config = EngineConfig.read(file.root());
    assertThat(file.problems().all()).isEmpty();
    assertThat(config.policies()).isEqualTo(CLONE.resolve("policies"));
    assertThat(config.identity().apiKeys()).isEmpty();
  }

  @Test
  void thePoliciesAreSoundWhereUsersAreKnown() {
    BookReading reading =
        PolicyReader.book(
            PolicyFolder.snapshot(CLONE.resolve("policies")),
            new ReadingContext(PathRules.DEFAULT, true, false, false));
    assertThat(reading.problems()).isEmpty();
    PolicyBook book = reading.orThrow();
    assertThat(book.policies())
        .extracting(Policy::name)
        .containsExactly("auth", "chat", "default", "search", "upload");
    assertThat(book.policies())
        .extracting(policy -> bandwidth(policy).capacity() + "/" + bandwidth(policy).period())
        .isEqualTo(List.of("5/PT15M", "20/PT1M", "100/PT1M", "30/PT1M", "5/PT1M"));
    assertThat(bandwidth(book.named("auth").orElseThrow()).mode())
        .isEqualTo(Bandwidth.Mode.INTERVAL);
  }

  private static Bandwidth bandwidth(Policy policy) {
    List<Limit> limits = policy.limits();
    return limits.get(0).bandwidth();
  }
}
