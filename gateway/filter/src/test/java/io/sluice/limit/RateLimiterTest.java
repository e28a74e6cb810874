package io.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.identity.Identity;
import io.sluice.limit.Decision.Exempt;
import io.sluice.limit.Decision.Exempt.Reason;
import io.sluice.limit.Decision.Metered;
import io.sluice.limit.Decision.Overloaded;
import io.sluice.policy.Bypass;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Policies;
import io.sluice.policy.Policy;
import io.sluice.policy.Policy.Mode;
import io.sluice.policy.PolicyBook;
import io.sluice.request.Cidr;
import io.sluice.request.FakeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimiterTest {

  private static final KeyPart USER = KeyPart.of(Kind.USER);
  private static final Identity ALICE = Callers.user("alice");

  private final FakeStore store = new FakeStore();
  private final Heard heard = new Heard();
  private final AtomicLong nanos = new AtomicLong();

  private static final class Heard implements LimitObserver {
    private final List<Decision> decisions = new ArrayList<>();
    private final List<String> shadows = new ArrayList<>();

    @Override
    public void decided(Decision decision, long elapsed) {
      decisions.add(decision);
      assertThat(elapsed).isEqualTo(5);
    }

    @Override
    public void shadowed(List<LimitVerdict> lines) {
      for (LimitVerdict line : lines) {
        shadows.add(line.name() + " " + line.verdict().granted());
      }
    }
  }

  @Test
  void callerPassesUntilTheLimitAndAnotherIsNotAffected() {
    RateLimiter limiter = limiter(policy("chat", Mode.ENFORCE, 2, "/chat"));
    FakeRequest request = FakeRequest.of("POST /chat");
    assertThat(decide(limiter, request, ALICE).proceeds()).isTrue();
    assertThat(decide(limiter, request, ALICE).proceeds()).isTrue();
    assertThat(decide(limiter, request, ALICE).proceeds()).isFalse();
    assertThat(decide(limiter, request, Callers.user("bob")).proceeds()).isTrue();
    assertThat(heard.decisions).hasSize(4);
  }

  @Test
  void allLimitsOfAllPoliciesAreDrawnFromTogether() {
    Policy tight = policy("tight", Mode.ENFORCE, 1, "/**");
    Policy loose = policy("loose", Mode.ENFORCE, 9, "/chat");
    RateLimiter limiter = limiter(loose, tight);
    decide(limiter, FakeRequest.of("GET /chat"), ALICE);
    Metered refused = (Metered) decide(limiter, FakeRequest.of("GET /chat"), ALICE);
    assertThat(refused.proceeds()).isFalse();
    assertThat(refused.lines()).extracting(LimitVerdict::name).containsExactly("loose", "tight");
    assertThat(refused.refusing()).extracting(LimitVerdict::name).containsExactly("tight");
    assertThat(store.takes()).hasSize(2).allMatch(draws -> draws.size() == 2);
    assertThat(store.taken().values()).containsOnly(1L);
  }

  @Test
  void defaultIsNotChargedWhereAnEnforcedPolicyMatches() {
    RateLimiter limiter =
        limiter(
            policy("chat", Mode.ENFORCE, 2, "/chat"),
            policy(Policy.DEFAULT, Mode.ENFORCE, 1, "/**"));
    decide(limiter, FakeRequest.of("GET /chat"), ALICE);
    assertThat(store.taken().keySet()).extracting(BucketKey::policy).containsExactly("chat");
  }

  @Test
  void shadowNeverRefusesAndIsReported() {
    RateLimiter limiter = limiter(policy("trial", Mode.SHADOW, 1, "/**"));
    FakeRequest request = FakeRequest.of("GET /");
    assertThat(decide(limiter, request, ALICE)).isEqualTo(new Exempt(Reason.UNCOVERED));
    assertThat(decide(limiter, request, ALICE)).isEqualTo(new Exempt(Reason.UNCOVERED));
    assertThat(heard.shadows).containsExactly("trial true", "trial false");
  }

  @Test
  void shadowThatCannotBeCountedDoesNotHarmTheRequest() {
    store.twist(verdict -> {
      throw new StoreOverloadedException("full");
    });
    RateLimiter limiter = limiter(policy("trial", Mode.SHADOW, 1, "/**"));
    assertThat(decide(limiter, FakeRequest.of("GET /"), ALICE).proceeds()).isTrue();
    assertThat(heard.shadows).isEmpty();
  }

  @Test
  void shadowIsDrawnFromApartFromWhatIsEnforced() {
    RateLimiter limiter =
        limiter(policy("real", Mode.ENFORCE, 1, "/**"), policy("trial", Mode.SHADOW, 1, "/**"));
    decide(limiter, FakeRequest.of("GET /"), ALICE);
    Metered refused = (Metered) decide(limiter, FakeRequest.of("GET /"), Callers.user("bob"));
    assertThat(refused.lines()).extracting(LimitVerdict::name).containsExactly("real");
    assertThat(store.takes()).hasSize(4).allMatch(draws -> draws.size() == 1);
  }

  @Test
  void bypassedMatchIsExemptAndStillCountsAsAMatch() {
    Policy chat = bypassing(new Bypass.User("alice"));
    RateLimiter limiter = limiter(chat, policy(Policy.DEFAULT, Mode.ENFORCE, 1, "/**"));
    assertThat(decide(limiter, FakeRequest.of("GET /chat"), ALICE))
        .isEqualTo(new Exempt(Reason.BYPASS));
    assertThat(store.takes()).isEmpty();
  }

  @Test
  void bypassIsByUserRoleOrAddressAndOnlyForWhomItNames() {
    FakeRequest request = FakeRequest.of("GET /chat");
    RateLimiter byRole = limiter(bypassing(new Bypass.Role("admin")));
    assertThat(decide(byRole, request, Callers.user("eve", "admin"))).isInstanceOf(Exempt.class);
    assertThat(decide(byRole, request, Callers.user("eve", "user"))).isInstanceOf(Metered.class);
    RateLimiter byAddress = limiter(bypassing(new Bypass.Address(Cidr.parse("10.0.0.0/8"))));
    assertThat(decide(byAddress, request, Callers.at("10.1.1.1"))).isInstanceOf(Exempt.class);
    assertThat(decide(byAddress, request, Callers.at("11.1.1.1"))).isInstanceOf(Metered.class);
    RateLimiter byUser = limiter(bypassing(new Bypass.User("svc")));
    assertThat(decide(byUser, request, Callers.at("10.1.1.1"))).isInstanceOf(Metered.class);
  }

  @Test
  void bypassOfOnePolicyLeavesTheOthersInForce() {
    RateLimiter limiter =
        limiter(bypassing(new Bypass.User("alice")), policy("all", Mode.ENFORCE, 1, "/**"));
    Metered metered = (Metered) decide(limiter, FakeRequest.of("GET /chat"), ALICE);
    assertThat(metered.lines()).extracting(LimitVerdict::name).containsExactly("all");
  }

  @Test
  void shadowPolicysBypassIsNotTheReasonOfAnExemption() {
    Policy trial =
        Policies.policy(
            "trial",
            Mode.SHADOW,
            List.of(Policies.limit(Limit.MAIN, 1, USER)),
            List.of(new Bypass.User("alice")),
            "/**");
    assertThat(decide(limiter(trial), FakeRequest.of("GET /"), ALICE))
        .isEqualTo(new Exempt(Reason.UNCOVERED));
    assertThat(store.takes()).isEmpty();
  }

  @Test
  void preflightIsExemptAndOtherOptionsAreNot() {
    RateLimiter limiter = limiter(policy("all", Mode.ENFORCE, 1, "/**"));
    FakeRequest preflight =
        FakeRequest.of("OPTIONS /x")
            .header("Origin", "https://app.example")
            .header("Access-Control-Request-Method", "POST");
    assertThat(decide(limiter, preflight, ALICE)).isEqualTo(new Exempt(Reason.PREFLIGHT));
    FakeRequest options = FakeRequest.of("OPTIONS /x").header("Origin", "https://app.example");
    assertThat(decide(limiter, options, ALICE)).isInstanceOf(Metered.class);
  }

  @Test
  void policyWithoutLimitsExemptsOnPurpose() {
    Policy free = Policies.policy("free", Mode.ENFORCE, List.of(), List.of(), "/free");
    RateLimiter limiter = limiter(free, policy(Policy.DEFAULT, Mode.ENFORCE, 1, "/**"));
    assertThat(decide(limiter, FakeRequest.of("GET /free"), ALICE))
        .isEqualTo(new Exempt(Reason.UNLIMITED));
  }

  @Test
  void storeWithoutRoomRefuses() {
    store.twist(verdict -> {
      throw new StoreOverloadedException("full");
    });
    RateLimiter limiter = limiter(policy("all", Mode.ENFORCE, 1, "/**"));
    assertThat(decide(limiter, FakeRequest.of("GET /"), ALICE)).isEqualTo(new Overloaded());
  }

  @Test
  void storeThatBreaksItsContractFailsTheDecision() {
    store.twist(verdict -> {
      throw new IllegalStateException("broken by the test");
    });
    RateLimiter limiter = limiter(policy("all", Mode.ENFORCE, 1, "/**"));
    assertThat(limiter.decide(FakeRequest.of("GET /"), ALICE).toCompletableFuture())
        .isCompletedExceptionally();
  }

  @Test
  void refusalByCapacityLimitsAloneIs503() {
    Limit base = Policies.limit("capacity", 1, KeyPart.of(Kind.GLOBAL));
    Limit capacity = new Limit(base.id(), base.key(), base.bandwidth(), 503);
    Policy one = Policies.policy("one", Mode.ENFORCE, List.of(capacity), List.of(), "/**");
    RateLimiter limiter = limiter(one);
    decide(limiter, FakeRequest.of("GET /"), ALICE);
    Metered refused = (Metered) decide(limiter, FakeRequest.of("GET /"), Callers.user("bob"));
    assertThat(refused.refusalStatus()).isEqualTo(503);
    RateLimiter both = limiter(one, policy("two", Mode.ENFORCE, 1, "/**"));
    store.twist(verdict -> new Verdict(false, 0, 1, 1, Verdict.Source.LOCAL));
    assertThat(((Metered) decide(both, FakeRequest.of("GET /"), ALICE)).refusalStatus())
        .isEqualTo(429);
  }

  private static Policy policy(String name, Mode mode, long perMinute, String pattern) {
    return Policies.policy(
        name, mode, List.of(Policies.limit(Limit.MAIN, perMinute, USER)), List.of(), pattern);
  }

  private static Policy bypassing(Bypass bypass) {
    List<Limit> limits = List.of(Policies.limit(Limit.MAIN, 1, USER));
    return Policies.policy("chat", Mode.ENFORCE, limits, List.of(bypass), "/chat");
  }

  private RateLimiter limiter(Policy... policies) {
    PolicyBook book = new PolicyBook("r1", List.of(policies));
    return new RateLimiter(
        () -> book, store, new CallerDigest(null), heard, () -> nanos.getAndAdd(5));
  }

  private static Decision decide(RateLimiter limiter, FakeRequest request, Identity caller) {
    return limiter.decide(request, caller).toCompletableFuture().join();
  }
}
