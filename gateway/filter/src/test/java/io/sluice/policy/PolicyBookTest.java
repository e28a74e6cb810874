package io.sluice.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.policy.Policy.Mode;
import io.sluice.request.FakeRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyBookTest {

  private static final Policy DEFAULT = Policies.policy(Policy.DEFAULT, "/**");

  @Test
  void defaultAppliesWhereNothingElseMatches() {
    assertThat(covering(Policies.policy("chat", "/chat"), "GET /other")).containsExactly("default");
  }

  @Test
  void defaultGivesWayToAnEnforcedPolicy() {
    assertThat(covering(Policies.policy("chat", "/chat"), "GET /chat")).containsExactly("chat");
  }

  @Test
  void defaultAppliesBesideAPolicyInShadow() {
    Policy shadow = Policies.policy("chat", Mode.SHADOW, DEFAULT.limits(), List.of(), "/chat");
    assertThat(covering(shadow, "GET /chat")).containsExactly("chat", "default");
  }

  @Test
  void defaultAppliesWhereTheOtherPolicyIsOff() {
    Policy off = Policies.policy("chat", Mode.OFF, DEFAULT.limits(), List.of(), "/chat");
    assertThat(covering(off, "GET /chat")).containsExactly("default");
  }

  @Test
  void policyWithoutLimitsKeepsTheDefaultAway() {
    Policy free = Policies.policy("free", Mode.ENFORCE, List.of(), List.of(), "/free");
    assertThat(covering(free, "GET /free")).containsExactly("free");
  }

  private static List<String> covering(Policy policy, String request) {
    return new PolicyBook("r1", List.of(policy, DEFAULT))
        .covering(FakeRequest.of(request)).stream().map(match -> match.policy().name()).toList();
  }
}
