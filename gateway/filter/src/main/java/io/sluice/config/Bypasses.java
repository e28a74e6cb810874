package io.sluice.config;

import io.sluice.policy.Bypass;
import io.sluice.request.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads which callers a policy exempts. */
final class Bypasses {

  private final ReadingContext context;

  Bypasses(ReadingContext context) {
    this.context = context;
  }

  List<Bypass> read(Section policy) {
    List<Bypass> bypasses = new ArrayList<>();
    for (Section block : policy.sections("bypass")) {
      Optional<String> cidr = block.optional("cidr");
      Optional<String> role = block.optional("role");
      Optional<String> user = block.optional("user");
      long given = List.of(cidr, role, user).stream().filter(Optional::isPresent).count();
      if (given != 1) {
        block.problem(
            given == 0 ? "bypass" : (cidr.isPresent() ? "cidr" : "role"),
            "expected exactly one of cidr, role and user in a block");
        continue;
      }
      cidr.flatMap(text -> address(block, text)).ifPresent(bypasses::add);
      role.ifPresent(name -> bypasses.add(new Bypass.Role(name)));
      user.ifPresent(name -> bypasses.add(new Bypass.User(name)));
      warnUnless(role.isEmpty() || context.roles(), block, "role", "brings roles");
      warnUnless(user.isEmpty() || context.users(), block, "user", "names a user");
    }
    return bypasses;
  }

  private static Optional<Bypass> address(Section block, String text) {
    Optional<Cidr> cidr = IdentityReader.cidr(text);
    if (cidr.isEmpty()) {
      block.problem("cidr", "expected an address or a block like \"10.0.0.0/8\"");
    }
    return cidr.map(Bypass.Address::new);
  }

  private static void warnUnless(boolean known, Section block, String key, String what) {
    if (!known) {
      block.warning(key, "no trusted proxy or API key " + what + ", so nobody is exempt by it");
    }
  }
}
