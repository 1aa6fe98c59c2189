"""The smallest RESP client that can also misbehave: tests speak bytes."""
# SPDX-License-Identifier: MIT

import socket


class Error(str):
    """An error reply, as a value: "ERR syntax error"."""


class Closed(Exception):
    """The server closed the connection where a reply was due."""


def encode(*arguments):
    """A request as the array of bulk strings that libraries send."""
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        if isinstance(argument, int):
            argument = str(argument)
        if isinstance(argument, str):
            argument = argument.encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(argument), argument))
    return b"".join(parts)


class Client:
    """A blocking connection to (host, port) or to the path of a socket."""

    def __init__(self, address, timeout=30):
        if isinstance(address, tuple):
            self.socket = socket.create_connection(address, timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(str(address))
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def command(self, *arguments):
        """Sends one request and returns its reply."""
        self.send(encode(*arguments))
        return self.read()

    def more(self):
        """Waits for more bytes in `received`."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise Closed
        self.received += data

    def read_line(self):
        while b"\r\n" not in self.received:
            self.more()
        line, self.received = self.received.split(b"\r\n", 1)
        return line

    def read_bytes(self, size):
        while len(self.received) < size:
            self.more()
        data, self.received = self.received[:size], self.received[size:]
        return data

    def read_to_end(self):
        """All bytes until the server closes, in order or by a reset."""
        try:
            while True:
                self.more()
        except (Closed, ConnectionResetError):
            data, self.received = self.received, b""
            return data

    def read(self):
        """The next reply: bytes, str (status), int, float, bool, None, list
        (of sets and pushes, too), dict or Error."""
        line = self.read_line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return Error(rest.decode(errors="replace"))
        if kind == b":":
            return int(rest)
        if kind == b",":
            return float(rest)
        if kind == b"#":
            return rest == b"t"
        if kind == b"_" or rest == b"-1":
            return None
        if kind == b"$":
            return self.read_bytes(int(rest) + 2)[:-2]
        if kind == b"=":
            return self.read_bytes(int(rest) + 2)[4:-2]
        if kind in b"*~>":
            return [self.read() for _ in range(int(rest))]
        if kind == b"%":
            return {self.read(): self.read() for _ in range(int(rest))}
        raise ValueError(f"no reply begins like this: {line!r}")

    def info(self, field):
        """One field of INFO as text."""
        for line in self.command("INFO").decode().splitlines():
            name, _, value = line.partition(":")
            if name == field:
                return value
        raise KeyError(field)
