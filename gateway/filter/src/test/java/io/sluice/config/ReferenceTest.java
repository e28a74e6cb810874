package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.sluice.request.PathRules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReferenceTest {

  private static final String FOLDER = "/io/sluice/config/";

  /** What the server reads; its own module has the test that it does. */
  private static final Set<String> OF_THE_SERVER =
      Set.of(
          "server",
          "upstream",
          "upstream-protocol",
          "upstream-connections",
          "upstream-tls",
          "upstream-max-age",
          "upstreams",
          "routes",
          "timeouts",
          "admin",
          "access-log",
          "websocket");

  @ParameterizedTest
  @ValueSource(strings = {"reference.conf", "reference-policy.conf", "reference-api-keys.conf"})
  void everyKeyIsExplained(String resource) {
    List<String> silent = new ArrayList<>();
    collectSilent(Hocon.resource(FOLDER + resource), "", silent);
    assertThat(silent).isEmpty();
  }

  @Test
  void theEngineReadsEveryKeyThatIsNotTheServers() {
    GatewayFile file = GatewayFile.of("gateway.conf", Path.of("/"), "", Map.of());
    EngineConfig.read(file.root());
    assertThat(file.unread()).allMatch(key -> OF_THE_SERVER.contains(key.split("[.\\[]", -1)[0]));
    assertThat(file.unread()).hasSize(87);
    assertThat(file.problems().all()).isEmpty();
  }

  @Test
  void everyKeyOfAPolicyIsRead() {
    assertThat(
            readKeys(
                "match { path = /a, methods = [PUT] }, limits { key = ip, rate = 1/s, burst = 2 }, bypass { role = a }"))
        .isEqualTo(Reference.POLICY.keys());
  }

  private static Set<String> readKeys(String text) {
    PolicyReader reader = new PolicyReader(new ReadingContext(PathRules.DEFAULT, true, true, true));
    Reading reading = reader.reading("a.conf");
    ConfigObject own = Objects.requireNonNull(Hocon.rules("a.conf", text, reading.problems()));
    reader.policy("a", reading.root(own, Reference.POLICY.values()));
    assertThat(reading.problems().all()).isEmpty();
    return reading.keysRead();
  }

  /** A block within a block may speak for itself; every value must be explained. */
  private static void collectSilent(ConfigObject block, String path, List<String> silent) {
    block.forEach((key, value) -> {
      boolean explained = !value.origin().comments().isEmpty();
      if (!explained && (!(value instanceof ConfigObject) || path.isEmpty())) {
        silent.add(path + key);
      }
      for (ConfigValue inner : value instanceof ConfigList list ? list : List.of(value)) {
        if (inner instanceof ConfigObject object) {
          collectSilent(object, path + key + ".", silent);
        }
      }
    });
  }
}
