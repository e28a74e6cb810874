package io.sluice.bench;

import java.lang.reflect.Proxy;

/** An instance of any interface, every method of which throws. */
final class Nothing {

  private Nothing() {}

  static <T> T of(Class<T> type) {
    Object nothing =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              throw new UnsupportedOperationException(method.getName());
            });
    return type.cast(nothing);
  }
}
