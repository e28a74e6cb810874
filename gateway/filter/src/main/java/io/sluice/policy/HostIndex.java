package io.sluice.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Values by host pattern, found without looking at other hosts' values. */
final class HostIndex<T> {

  private final List<T> any = new ArrayList<>(1);
  private final Map<String, List<T>> exact = new HashMap<>(2);
  private final Map<String, List<T>> below = new HashMap<>(2);

  /** Adds a value for a host: null is every host, {@code *.example.com} every name below. */
  void add(@Nullable String host, T value) {
    if (host == null) {
      any.add(value);
    } else if (host.startsWith("*.")) {
      below.computeIfAbsent(host.substring(1), h -> new ArrayList<>(1)).add(value);
    } else {
      exact.computeIfAbsent(host, h -> new ArrayList<>(1)).add(value);
    }
  }

  /** Hands over every value whose pattern covers the host. */
  void forEach(String host, Consumer<? super T> action) {
    any.forEach(action);
    if (!exact.isEmpty()) {
      exact.getOrDefault(host, List.of()).forEach(action);
    }
    if (!below.isEmpty()) {
      for (int dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
        if (dot > 0) {
          below.getOrDefault(host.substring(dot), List.of()).forEach(action);
        }
      }
    }
  }
}
