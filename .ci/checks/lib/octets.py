"""An upstream of any size: GET /N answers N octets (chunked with ?chunked), POST answers how many came."""
import socket
import sys
import threading

BLOCK = bytes(i * 31 % 251 for i in range(1 << 20))


def head(stream):
    lines = []
    while True:
        line = stream.readline()
        if line in (b"\r\n", b""):
            return lines
        lines.append(line.decode("latin-1").rstrip("\r\n"))


def field(lines, name):
    for line in lines[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name:
            return value.strip()
    return None


def send(connection, size, chunked):
    while size > 0:
        part = memoryview(BLOCK)[: min(size, len(BLOCK))]
        if chunked:
            connection.sendall(b"%x\r\n" % len(part))
        connection.sendall(part)
        if chunked:
            connection.sendall(b"\r\n")
        size -= len(part)
    if chunked:
        connection.sendall(b"0\r\n\r\n")


def count(stream, lines, buffer):
    length = field(lines, "content-length")
    if length is not None:
        left = int(length)
        while left > 0:
            read = stream.readinto(memoryview(buffer)[: min(left, len(buffer))])
            if not read:
                raise EOFError
            left -= read
        return int(length)
    total = 0
    while field(lines, "transfer-encoding"):
        left = int(stream.readline().split(b";")[0], 16)
        if left == 0:
            head(stream)
            break
        total += left
        while left > 0:
            read = stream.readinto(memoryview(buffer)[: min(left, len(buffer))])
            if not read:
                raise EOFError
            left -= read
        stream.readline()
    return total


def serve(connection):
    with connection, connection.makefile("rb", 1 << 16) as stream:
        buffer = bytearray(1 << 16)
        while lines := head(stream):
            method, target, _ = lines[0].split(" ", 2)
            came = count(stream, lines, buffer)
            if method == "GET":
                size, _, query = target.strip("/").partition("?")
                chunked = query == "chunked"
                how = "Transfer-Encoding: chunked" if chunked else "Content-Length: " + size
                connection.sendall(f"HTTP/1.1 200 OK\r\n{how}\r\n\r\n".encode())
                send(connection, int(size), chunked)
            else:
                text = str(came)
                connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


main()
