package io.sluice.admin;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** All pages of the admin listener, by their paths. */
public final class AdminPages {

  /** The path below which {@link AdminGuard} stands. */
  public static final String GUARDED = "/admin/*";

  private AdminPages() {}

  /**
   * Returns a servlet for each path specification. Those below {@link #GUARDED} belong behind an
   * {@link AdminGuard}, the others are for everybody who reaches the listener.
   */
  public static Map<String, HttpServlet> of(AdminParts parts) {
    StatusPages status =
        new StatusPages(parts.phase(), parts.book(), parts.storeView(), parts.reloads());
    LimitLookup lookup = new LimitLookup(parts.limiter(), parts.resolver(), parts.rules());
    LimitPages limits = new LimitPages(parts.book(), lookup, parts.store(), parts.prefix());
    Map<String, HttpServlet> pages = new LinkedHashMap<>();
    pages.put("/health/live", get(request -> status.live()));
    pages.put("/health/ready", get(request -> status.ready()));
    pages.put("/metrics", get(request -> metrics(parts)));
    pages.put("/admin/policies", get(plain(status::policies)));
    pages.put(
        "/admin/limits", new PageServlet(Map.of("GET", limits::show, "DELETE", limits::reset)));
    pages.put("/admin/config", get(plain(() -> Answer.text(200, parts.config().get()))));
    pages.put("/admin/reload", new PageServlet(Map.of("POST", plain(status::reload))));
    pages.put("/admin/store", get(plain(status::store)));
    pages.put("/admin/upstreams", get(plain(new UpstreamPage(parts.upstreams())::show)));
    String paths = pages.keySet().stream().sorted().collect(Collectors.joining(", "));
    pages.put("/", new PageServlet(everything(paths)));
    return Collections.unmodifiableMap(pages);
  }

  private static PageServlet get(Page page) {
    return new PageServlet(Map.of("GET", page));
  }

  /** A page without parameters; one that is given all the same is a mistake worth telling. */
  private static Page plain(PlainPage page) {
    return (HttpServletRequest request) -> {
      if (request.getQueryString() != null && !request.getQueryString().isEmpty()) {
        throw new BadQueryException("this path takes no parameters");
      }
      return page.answer();
    };
  }

  private interface PlainPage {
    Answer answer();
  }

  /** Scrapers may add parameters of their own, so none is refused here or in health. */
  private static Answer metrics(AdminParts parts) {
    byte[] text = parts.metrics().get().getBytes(StandardCharsets.UTF_8);
    return new Answer(200, parts.metricsType(), text);
  }

  private static Map<String, Page> everything(String paths) {
    Page page =
        request -> {
          throw new BadQueryException(404, "there is " + paths);
        };
    return Map.of("GET", page, "POST", page, "DELETE", page, "PUT", page);
  }
}
