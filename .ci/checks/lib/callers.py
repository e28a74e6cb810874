"""Callers who ask two gateways for more than their limit all the time, through failovers to other clocks: each gets
200 or 429, no more than its limit and a full bucket for each step forward of its clock, and is never frozen.

callers.py OVER PORTS CALLERS: until there is the file OVER, which says how many milliseconds there was no master; ports
with commas between; callers as name:steps, with commas between. The limit is 20 tokens, one a second.
"""
import collections
import http.client
import pathlib
import sys
import threading
import time

BURST = 20
ROUNDS_A_SECOND = 5
# While Redis is away each gateway counts a share by itself, to the whole token.
SLACK = 4
# For a token, on a machine that is busy; what came back while there was no master comes on top, for it may be lost with
# the master's clock, and is debited all the same.
LONGEST_WAIT = 4.0

over = pathlib.Path(sys.argv[1])
ports = [int(port) for port in sys.argv[2].split(",")]
callers = dict((name, int(steps)) for name, steps in (word.split(":") for word in sys.argv[3].split(",")))
grants = collections.defaultdict(list)
failures = []
slowest = 0.0
began = time.monotonic()


def ask(port):
    global slowest
    gateway = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    rounds = 0
    while not over.exists():
        for name in callers:
            sent = time.monotonic()
            try:
                gateway.request("GET", "/paced", headers={"X-User-Id": name})
                answer = gateway.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as failure:
                failures.append(f"{name} at {port}: {failure!r}")
                gateway.close()
                continue
            slowest = max(slowest, time.monotonic() - sent)
            if answer.status == 200:
                grants[name].append(time.monotonic() - began)
            elif answer.status != 429:
                failures.append(f"{name} at {port}: {answer.status}")
        rounds += 1
        time.sleep(max(0.0, began + rounds / ROUNDS_A_SECOND - time.monotonic()))


threads = [threading.Thread(target=ask, args=(port,)) for port in ports]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
spent = time.monotonic() - began
longest_wait = LONGEST_WAIT + int(over.read_text()) / 1000

for name, steps in callers.items():
    got = len(grants[name])
    times = [0.0, *sorted(grants[name]), spent]
    wait = max(after - before for before, after in zip(times, times[1:]))
    most = BURST * (1 + steps) + spent + SLACK
    print(f"{name}: {got} tokens in {spent:.0f} s, at most {most:.0f}; longest wait {wait:.1f} s of {longest_wait:.1f} s")
    if got > most:
        failures.append(f"{name} got more than burst, refill and a bucket for each of {steps} steps forward")
    if wait > longest_wait:
        failures.append(f"{name} was frozen")
print(f"slowest answer {slowest * 1000:.0f} ms")
if failures:
    print(f"{len(failures)} failures:", *failures[:20], sep="\n  ")
    sys.exit(1)
