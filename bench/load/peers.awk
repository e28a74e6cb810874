# results.tsv of the peer harness -> Markdown: medians over the rounds with their range, then the bars of the engine.
# A bar's ratio is that of the medians; the range behind it is that of the ratios within each round.
# Columns: target mode round requests seconds p50 p99 max refused broken gateway_us redis_us upstream_us rss_mb
BEGIN { FS = "\t" }
NR == 1 { next }
{
  key = $1 FS $2
  if (!(key in rounds)) { order[++keys] = key; if (!($1 in known)) { known[$1]; names[++targets] = $1 } }
  i = ++rounds[key]
  put("rps", $4 / $5); put("p50", $6); put("p99", $7); put("gw", $11); put("redis", $12); put("rss", $14)
  refused[key] += $9; requests[key] += $4; broken[key] += $10
}
function put(what, x) { value[key, what, i] = x; at[key, what, $3] = x; if ($3 > last) last = $3 }
function median(key, what,    n, i, j, x) {
  n = rounds[key]
  for (i = 1; i <= n; i++) list[i] = value[key, what, i] + 0
  for (i = 2; i <= n; i++) {
    x = list[i]
    for (j = i - 1; j >= 1 && list[j] > x; j--) list[j + 1] = list[j]
    list[j + 1] = x
  }
  low = list[1]; high = list[n]
  return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
function cell(key, what, digits,    m) {
  m = median(key, what)
  return sprintf(" %." digits "f (%." digits "f-%." digits "f) |", m, low, high)
}
# sense: 1 where less is better, -1 where more is
function verdict(x, sense, wanted, stretch) {
  return sense * x <= sense * stretch ? "stretch reached" : sense * x <= sense * wanted ? "reached" : "missed"
}
function wants(sense, x) { return (sense > 0 ? "<= " : ">= ") x }
function bar(text, a, b, what, sense, wanted, stretch,    ratio, r, x, least, most) {
  printf "| %s | %s | %s |", text, wants(sense, wanted), stretch
  if (!(a in rounds) || !(b in rounds) || !median(b, what)) { print " | not measured |"; return }
  ratio = median(a, what) / median(b, what)
  for (r = 1; r <= last; r++)
    if (at[a, what, r] != "" && at[b, what, r] > 0) {
      x = at[a, what, r] / at[b, what, r]
      if (least == "" || x < least) least = x
      if (most == "" || x > most) most = x
    }
  printf " %.2f (%.2f-%.2f) | %s |\n", ratio, least, most, verdict(ratio, sense, wanted, stretch)
}
function memory(key,    m) {
  printf "| resident memory under load, 256 MB heap, MB | <= 300 | 200 |"
  if (!(key in rounds)) { print " | not measured |"; return }
  m = median(key, "rss")
  printf " %d (%d-%d) | %s |\n", m, low, high, verdict(high, 1, 300, 200)
}
END {
  m = split("plain allow three deny hot plain-paced allow-paced", modes, " ")
  for (k = 1; k <= m; k++) {
    head = 0
    for (t = 1; t <= targets; t++) {
      key = names[t] FS modes[k]
      if (!(key in rounds)) continue
      if (!head++) {
        printf "### %s\n\n", modes[k]
        print "| target | rounds | gateway CPU us/req | Redis CPU us/req | requests/s | p50 ms | p99 ms | resident MB | refused % | broken |"
        print "| --- | ---: | --- | --- | --- | --- | --- | --- | ---: | ---: |"
      }
      printf "| %s | %d |%s%s%s%s%s%s %.1f | %d |\n", names[t], rounds[key], cell(key, "gw", 1), cell(key, "redis", 2),
        cell(key, "rps", 0), cell(key, "p50", 2), cell(key, "p99", 2), cell(key, "rss", 0),
        100 * refused[key] / requests[key], broken[key]
    }
    if (head) print ""
  }
  s = "sluice-jdk25"
  lua = "nginx-lua-redis"
  print "### Bars\n\n| ratio (ours on JDK 25) | bar | stretch | measured (range over rounds) | |"
  print "| --- | --- | --- | --- | --- |"
  bar("plain, gateway CPU: ours / nginx", s FS "plain", "nginx" FS "plain", "gw", 1, 2.3, 1.7)
  bar("allow, gateway CPU: ours / nginx+Lua+Redis", s FS "allow", lua FS "allow", "gw", 1, 1.05, 0.75)
  bar("allow, Redis CPU: ours / nginx+Lua+Redis", s FS "allow", lua FS "allow", "redis", 1, 0.5, 0.2)
  bar("gateway CPU: three limits / one", s FS "three", s FS "allow", "gw", 1, 1.2, 1.05)
  bar("gateway CPU: hot / allow", s FS "hot", s FS "allow", "gw", 1, 1.0, 0.8)
  bar("deny, gateway CPU: ours / nginx+Lua+Redis", s FS "deny", lua FS "deny", "gw", 1, 0.6, 0.35)
  bar("allow, requests/s: ours / Spring Cloud Gateway WebFlux", s FS "allow", "scg-webflux-jdk25" FS "allow", "rps", -1, 2.5, 4)
  bar("hot, requests/s: ours / Spring Cloud Gateway MVC, Bucket4j", s FS "hot", "scg-webmvc-jdk25" FS "hot", "rps", -1, 15, 40)
  bar("1,000 requests/s, p50: ours / nginx+Lua+Redis", s FS "allow-paced", lua FS "allow-paced", "p50", 1, 1.3, 0.8)
  bar("1,000 requests/s, p99: ours / nginx+Lua+Redis", s FS "allow-paced", lua FS "allow-paced", "p99", 1, 1.3, 0.8)
  memory(s "-256m" FS "allow")
}
