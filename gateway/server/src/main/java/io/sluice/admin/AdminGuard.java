package io.sluice.admin;

import io.sluice.request.IpAddress;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * Lets operators in and nobody else.
 *
 * <p>Where a token is set, every request must bear it (RFC 6750), from loopback too. Where none is,
 * only a program on this machine that meant to call us is let in: its peer address is loopback, it
 * called us by a loopback name (which a name that an attacker points at 127.0.0.1 is not), no proxy
 * stood between, and no page of another origin made a browser do it. Thread-safe.
 */
public final class AdminGuard implements Filter {

  private static final String BEARER = "bearer ";

  private final byte @Nullable [] tokenDigest;

  /**
   * Creates a guard.
   *
   * @param token the token that operators must bear; null lets loopback in without one
   */
  public AdminGuard(@Nullable String token) {
    this.tokenDigest = token == null ? null : digest(token);
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    HttpServletRequest asked = (HttpServletRequest) request;
    HttpServletResponse answered = (HttpServletResponse) response;
    byte[] wanted = tokenDigest;
    Answer refusal = wanted == null ? withoutToken(asked) : withToken(asked, wanted);
    if (refusal == null) {
      chain.doFilter(request, response);
      return;
    }
    if (refusal.status() == HttpServletResponse.SC_UNAUTHORIZED) {
      boolean presented = asked.getHeader("Authorization") != null;
      answered.setHeader(
          "WWW-Authenticate",
          "Bearer realm=\"sluice\"" + (presented ? ", error=\"invalid_token\"" : ""));
    }
    Answers.send(answered, refusal, !asked.getMethod().equals("HEAD"));
  }

  private static @Nullable Answer withToken(HttpServletRequest request, byte[] wanted) {
    String given = request.getHeader("Authorization");
    if (given == null) {
      return unauthorized("send the admin token as 'Authorization: Bearer TOKEN'");
    }
    // Digests have one length, so the comparison tells nothing of the token's, either.
    boolean bearer = given.regionMatches(true, 0, BEARER, 0, BEARER.length());
    String token = bearer ? given.substring(BEARER.length()).strip() : "";
    boolean right = MessageDigest.isEqual(digest(token), wanted);
    return right ? null : unauthorized("this is not the admin token");
  }

  private static @Nullable Answer withoutToken(HttpServletRequest request) {
    if (!isLoopback(request.getRemoteAddr())) {
      return forbidden(
          "no admin token is set, so only this machine is served; set admin.token or"
              + " SLUICE_ADMIN_TOKEN to be served from elsewhere");
    }
    if (!isLoopback(request.getServerName())) {
      return forbidden("no admin token is set, so the Host must be localhost or 127.0.0.1");
    }
    if (request.getHeader("X-Forwarded-For") != null || request.getHeader("Forwarded") != null) {
      return forbidden("no admin token is set, so requests through a proxy are refused");
    }
    if (isForeign(request)) {
      return forbidden("no admin token is set, so requests of other web pages are refused");
    }
    return null;
  }

  private static boolean isForeign(HttpServletRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return true;
    }
    String origin = request.getHeader("Origin");
    return origin != null
        && !origin.equalsIgnoreCase(request.getScheme() + "://" + request.getHeader("Host"));
  }

  private static boolean isLoopback(@Nullable String host) {
    if (host == null || host.equalsIgnoreCase("localhost")) {
      return host != null;
    }
    InetAddress address = IpAddress.parse(host);
    return address != null && address.isLoopbackAddress();
  }

  private static Answer unauthorized(String detail) {
    return Answer.problem(HttpServletResponse.SC_UNAUTHORIZED, "Unauthorized", detail);
  }

  private static Answer forbidden(String detail) {
    return Answer.problem(HttpServletResponse.SC_FORBIDDEN, "Forbidden", detail);
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
