package io.sluice.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.request.Cidr;
import io.sluice.request.FakeRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class HeaderIdentityResolverTest {

  private static final String PROXY = "10.0.0.1";

  private final HeaderIdentityResolver resolver = resolver(64);

  @Test
  void trustedProxyNamesUserAndRoles() {
    Identity caller =
        resolve(
            proxied()
                .header("X-User-Id", " alice ")
                .header("X-User-Roles", "admin, staff,")
                .header("X-User-Roles", "beta"));
    assertThat(caller.user()).isEqualTo("alice");
    assertThat(caller.roles()).containsExactlyInAnyOrder("admin", "staff", "beta");
    assertThat(caller.peerTrusted()).isTrue();
  }

  @Test
  void nobodyElseNamesAnything() {
    Identity caller =
        resolve(
            FakeRequest.of("GET /")
                .peer("203.0.113.9")
                .header("X-User-Id", "alice")
                .header("X-User-Roles", "admin")
                .header("X-Forwarded-For", "10.0.0.1"));
    assertThat(caller.user()).isNull();
    assertThat(caller.roles()).isEmpty();
    assertThat(caller.peerTrusted()).isFalse();
    assertThat(caller.network()).isEqualTo("203.0.113.9");
  }

  @Test
  void clientBehindATrustedProxyIsToldApartByItsOwnAddress() {
    Identity caller = resolve(proxied().header("X-Forwarded-For", "203.0.113.9"));
    assertThat(caller.address().getHostAddress()).isEqualTo("203.0.113.9");
    assertThat(caller.peerTrusted()).isTrue();
  }

  @Test
  void userNamedTwiceIsNobody() {
    Identity caller =
        resolve(
            proxied()
                .header("X-User-Id", "alice")
                .header("X-User-Id", "bob")
                .header("X-User-Roles", "admin"));
    assertThat(caller.user()).isNull();
    assertThat(caller.roles()).isEmpty();
  }

  @Test
  void blankOrOverlongUserIsNobody() {
    assertThat(resolve(proxied().header("X-User-Id", " ")).user()).isNull();
    assertThat(resolve(proxied().header("X-User-Id", "a".repeat(257))).user()).isNull();
    assertThat(resolve(proxied().header("X-User-Id", "a".repeat(256))).user()).hasSize(256);
  }

  @Test
  void rolesAreBounded() {
    String many = "r1," + "x".repeat(257) + ",";
    for (int i = 0; i < 200; i++) {
      many += "role" + i + ",";
    }
    assertThat(resolve(proxied().header("X-User-Roles", many)).roles()).contains("r1").hasSize(64);
  }

  @Test
  void knownKeyNamesItselfItsUserAndItsRolesFromAnywhere() {
    Identity caller =
        resolve(FakeRequest.of("GET /").peer("203.0.113.9").header("X-Api-Key", "s3cret"));
    assertThat(caller.apiKey()).isEqualTo("mobile");
    assertThat(caller.user()).isEqualTo("app");
    assertThat(caller.roles()).containsExactly("partner");
  }

  @Test
  void unknownKeyIsNoIdentity() {
    for (String key : List.of("S3cret", "s3cret2", "", "x".repeat(5_000))) {
      Identity caller = resolve(FakeRequest.of("GET /").header("X-Api-Key", key));
      assertThat(caller.apiKey()).isNull();
      assertThat(caller.user()).isNull();
    }
    assertThat(
            resolve(
                    FakeRequest.of("GET /")
                        .header("X-Api-Key", "s3cret")
                        .header("X-Api-Key", "s3cret"))
                .apiKey())
        .isNull();
  }

  @Test
  void proxysUserCountsBeforeTheKeysAndRolesAddUp() {
    Identity caller =
        resolve(
            proxied()
                .header("X-User-Id", "alice")
                .header("X-User-Roles", "staff")
                .header("X-Api-Key", "s3cret"));
    assertThat(caller.user()).isEqualTo("alice");
    assertThat(caller.apiKey()).isEqualTo("mobile");
    assertThat(caller.roles()).containsExactlyInAnyOrder("staff", "partner");
  }

  @Test
  void networkOfIpv6IsItsPrefix() {
    FakeRequest request = FakeRequest.of("GET /").peer("2001:db8:1:2:3:4:5:6");
    assertThat(resolve(request).network()).isEqualTo("2001:db8:1:2::/64");
    assertThat(resolver(56).resolve(request).toCompletableFuture().join().network())
        .isEqualTo("2001:db8:1::/56");
    assertThat(resolver(128).resolve(request).toCompletableFuture().join().network())
        .isEqualTo("2001:db8:1:2:3:4:5:6/128");
  }

  @Test
  void answerIsThereAtOnce() {
    CompletableFuture<Identity> caller = resolver.resolve(proxied()).toCompletableFuture();
    assertThat(caller).isCompleted();
  }

  private Identity resolve(FakeRequest request) {
    return resolver.resolve(request).toCompletableFuture().join();
  }

  private static FakeRequest proxied() {
    return FakeRequest.of("GET /").peer(PROXY);
  }

  private static HeaderIdentityResolver resolver(int ipv6Prefix) {
    return new HeaderIdentityResolver(
        new IdentitySettings(
            List.of(Cidr.parse("10.0.0.0/8")),
            "X-User-Id",
            "X-User-Roles",
            "X-Api-Key",
            List.of(
                new ApiKey("other", sha256("other"), null, Set.of()),
                new ApiKey("mobile", sha256("s3cret"), "app", Set.of("partner")),
                new ApiKey("third", sha256("third"), null, Set.of())),
            ipv6Prefix,
            null));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
