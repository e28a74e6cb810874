package io.sluice.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Values by host pattern, found without looking at other hosts' values. */
final class HostIndex<T> {

  // Null while there is nothing in it, as most have values for every host only.
  private @Nullable List<T> any;
  private @Nullable Map<String, List<T>> exact;
  private @Nullable Map<String, List<T>> below;

  /** Adds a value for a host: null is every host, {@code *.example.com} every name below. */
  void add(@Nullable String host, T value) {
    if (host == null) {
      any = any == null ? new ArrayList<>(1) : any;
      any.add(value);
    } else if (host.startsWith("*.")) {
      below = below == null ? new HashMap<>(2) : below;
      below.computeIfAbsent(host.substring(1), h -> new ArrayList<>(1)).add(value);
    } else {
      exact = exact == null ? new HashMap<>(2) : exact;
      exact.computeIfAbsent(host, h -> new ArrayList<>(1)).add(value);
    }
  }

  /** Hands over every value whose pattern covers the host. */
  void forEach(String host, Consumer<? super T> action) {
    if (any != null) {
      any.forEach(action);
    }
    if (exact != null) {
      exact.getOrDefault(host, List.of()).forEach(action);
    }
    if (below != null) {
      for (int dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
        if (dot > 0) {
          below.getOrDefault(host.substring(dot), List.of()).forEach(action);
        }
      }
    }
  }
}
