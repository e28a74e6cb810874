"""Clients for slow.sh.

slow_probe.py normal URL SECONDS RATE: asks so often each second, each time on a new connection, whatever
becomes of the others; prints how many were answered within 1.5 s and fails under 99 %.
slow_probe.py idle HOST PORT COUNT SECONDS: opens connections and sends nothing; opens new ones for those closed.
slow_probe.py readers HOST PORT PATH COUNT SECONDS: asks for PATH and takes nothing of the answers.
"""
import http.client
import select
import socket
import sys
import threading
import time
import urllib.parse

LIMIT = 1.5


def one(url, took, failed):
    start = time.monotonic()
    try:
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
        connection.request("GET", url.path)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise OSError(f"status {answer.status}")
        took.append(time.monotonic() - start)
        connection.close()
    except (OSError, http.client.HTTPException) as e:
        failed.append(f"{e!r} after {time.monotonic() - start:.2f} s")


def normal(url, seconds, rate):
    url, took, failed, threads = urllib.parse.urlsplit(url), [], [], []
    begin = time.monotonic()
    for i in range(int(seconds * rate)):
        time.sleep(max(0.0, begin + i / rate - time.monotonic()))
        threads.append(threading.Thread(target=one, args=(url, took, failed)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    took.sort()
    all_of_them = len(took) + len(failed)
    share = sum(t < LIMIT for t in took) / all_of_them
    at = lambda part: took[min(len(took) - 1, int(part * len(took)))] * 1000 if took else float("nan")
    print(f"{all_of_them} requests, {share:.2%} within 1.5 s, p50 {at(.5):.0f} ms, p99 {at(.99):.0f} ms, "
          f"longest {at(1):.0f} ms, failed {len(failed)} {failed[:1]}")
    return 0 if share >= 0.99 else 1


def connect(host, port, window=None):
    client = socket.socket()
    if window:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    client.settimeout(5)
    client.connect((host, port))
    return client


def idle(host, port, count, seconds):
    clients, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            while len(clients) < count:
                clients.append(connect(host, port))
        except OSError:
            pass
        poll = select.poll()
        for client in clients:
            poll.register(client, select.POLLIN)
        closed = {fd for fd, _ in poll.poll(200)}
        clients = [client for client in clients if client.fileno() not in closed or client.close()]


def readers(host, port, path, count, seconds):
    clients = []
    for _ in range(count):
        client = connect(host, port, 4096)
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        clients.append(client)
    print("all ask", flush=True)
    time.sleep(seconds)


if __name__ == "__main__":
    kind, args = sys.argv[1], sys.argv[2:]
    if kind == "normal":
        sys.exit(normal(args[0], float(args[1]), float(args[2])))
    if kind == "idle":
        idle(args[0], int(args[1]), int(args[2]), float(args[3]))
    else:
        readers(args[0], int(args[1]), args[2], int(args[3]), float(args[4]))
