package io.sluice.filter;

import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** An answer that remembers its fields in the order written, and can do nothing else. */
final class RecordedFields {

  private final List<String> fields = new ArrayList<>();

  List<String> fields() {
    return fields;
  }

  HttpServletResponse response() {
    return (HttpServletResponse)
        Proxy.newProxyInstance(
            RecordedFields.class.getClassLoader(),
            new Class<?>[] {HttpServletResponse.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("setHeader") && !method.getName().equals("addHeader")) {
                throw new UnsupportedOperationException(method.getName());
              }
              fields.add(arguments[0] + ": " + arguments[1]);
              return null;
            });
  }
}
