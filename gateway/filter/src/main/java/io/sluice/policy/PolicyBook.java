package io.sluice.policy;

import io.sluice.policy.Policy.Mode;
import io.sluice.request.RequestView;
import java.util.List;
import java.util.Optional;

/**
 * All policies in force, replaced whole on reload: a request reads the book once and is decided by
 * what it read. Immutable and thread-safe.
 */
public final class PolicyBook {

  private final String revision;
  private final List<Policy> policies;
  private final PolicyTree tree;

  /**
   * Creates a book.
   *
   * @param revision names the content, equal for equal content
   * @param policies in the order of their names; names are unique
   */
  public PolicyBook(String revision, List<Policy> policies) {
    this.revision = revision;
    this.policies = List.copyOf(policies);
    this.tree = PolicyTree.of(this.policies);
  }

  /** Returns the name of the book's content. */
  public String revision() {
    return revision;
  }

  /** Returns all policies, those in mode off included. */
  public List<Policy> policies() {
    return policies;
  }

  /** Returns the policy of that name. */
  public Optional<Policy> named(String name) {
    return policies.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  /**
   * Returns the policies that apply to a request, in book order: every one that matches and is not
   * off; the default policy only where none of the others is enforced.
   */
  public List<Match> covering(RequestView request) {
    List<Match> found = tree.covering(request);
    if (found.size() < 2) {
      return found;
    }
    boolean enforced = false;
    int fallback = -1;
    for (int i = 0; i < found.size(); i++) {
      Policy policy = found.get(i).policy();
      if (policy.name().equals(Policy.DEFAULT)) {
        fallback = i;
      } else {
        enforced |= policy.mode() == Mode.ENFORCE;
      }
    }
    if (enforced && fallback >= 0) {
      found.remove(fallback);
    }
    return found;
  }
}
