-- wrk script: GET requests whose X-Api-Key goes round. After "--": path, number of keys. Prints one line for a shell.
local requests, at = {}, 0

function init(args)
  local path, keys = args[1], tonumber(args[2])
  for i = 1, keys do
    requests[i] = wrk.format("GET", path, { ["X-Api-Key"] = "user-" .. i, ["Host"] = "bench.local" })
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %.3f %.3f %.3f %d\n",
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.status + e.connect + e.read + e.write + e.timeout))
end
