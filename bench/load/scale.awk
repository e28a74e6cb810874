# Rows of bench/scale (case gateways round requests/s least-share most-share gateway-us redis-us p99 failed) -> Markdown:
# medians over the rounds, with the range of what varies most.
BEGIN { FS = "\t" }
{
  key = $1 FS $2
  if (!(key in rounds)) order[++keys] = key
  i = ++rounds[key]
  rate[key, i] = $4; gateway[key, i] = $7; redis[key, i] = $8; p99[key, i] = $9
  small[key, i] = $5; large[key, i] = $6
  failed[key] += $10
}
function sort(values, key,    n, i, j, x) {
  n = rounds[key]
  for (i = 1; i <= n; i++) list[i] = values[key, i] + 0
  for (i = 2; i <= n; i++) {
    x = list[i]
    for (j = i - 1; j >= 1 && list[j] > x; j--) list[j + 1] = list[j]
    list[j + 1] = x
  }
  low = list[1]; high = list[n]
  return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
END {
  print "| case | gateways | requests/s in all (min-max) | to one gateway | smallest-largest share, % (extremes) | gateway CPU us/req (min-max) | Redis CPU us/req | p99 ms | failed |"
  print "| --- | ---: | --- | ---: | --- | --- | ---: | ---: | ---: |"
  for (k = 1; k <= keys; k++) {
    key = order[k]
    split(key, name, FS)
    m = sort(rate, key)
    if (name[2] == 1) one[name[1]] = m
    ratio = one[name[1]] ? m / one[name[1]] : 0
    line = sprintf("| %s | %d | %d (%d-%d) | %.2f |", name[1], name[2], m, low, high, ratio)
    least = sort(small, key); extreme = low
    most = sort(large, key)
    line = line sprintf(" %.0f-%.0f (%.0f-%.0f) |", least, most, extreme, high)
    m = sort(gateway, key)
    line = line sprintf(" %.1f (%.1f-%.1f) | %.2f |", m, low, high, sort(redis, key))
    print line sprintf(" %.1f | %d |", sort(p99, key), failed[key])
    if (name[2] == 3 && name[1] != "cold" && one[name[1]])
      bars = bars sprintf("| %s: 3 gateways / 1, requests/s | >= 0.75 | %.2f | %s |\n", name[1], ratio, ratio >= 0.75 ? "reached" : "missed") \
        sprintf("| %s: smallest and largest share of 3, %% | 25-42 | %.0f-%.0f | %s |\n", name[1], least, most, \
          least >= 25 && most <= 42 ? "reached" : "missed")
  }
  if (bars) printf "\n| bar | wanted | measured | |\n| --- | --- | --- | --- |\n%s", bars
}
