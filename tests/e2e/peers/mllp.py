"""Both ends of an HL7 interface, in bytes.

mllp.py receive PORT         acknowledges every block that ends with 1C 0D, also one that has no start byte
mllp.py send PLAN            PLAN is a file: {"to": [address, port], "steps": [{"segments": [hex, ...], "acks": 1}]};
                             every element of "segments" leaves as a TCP segment of its own
"""

import json
import socket
import sys

END = b"\x1c\x0d"


def acknowledge(block):
    """MSA of every message of a block, under a header with sender and receiver exchanged."""
    for text in block.replace(b"\n", b"\r").split(b"\r"):
        text = text.lstrip(b"\x0b")
        if text[:3] != b"MSH":
            continue
        separator = text[3:4]
        field = (text.split(separator) + [b""] * 20)[:20]
        header = [b"MSH", field[1], field[4], field[5], field[2], field[3], b"20261124080000", b"", b"ACK", b"A1"]
        header += [field[10], field[11]]
        answer = [b"MSA", b"AE" if b"REFUSE" in block else b"AA", field[9]]
        yield b"\x0b" + separator.join(header) + b"\r" + separator.join(answer) + b"\r" + END


def receive(port, answer=acknowledge):
    """Sends what `answer` gives for every block that ends with 1C 0D."""
    with socket.create_server(("", port)) as server:
        while True:
            connection, _ = server.accept()
            with connection:
                pending = b""
                while chunk := connection.recv(65536):
                    pending += chunk
                    *blocks, pending = pending.split(END)
                    for block in blocks:
                        connection.sendall(b"".join(answer(block)))


def send(plan):
    with socket.create_connection(plan["to"]) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for step in plan["steps"]:
            for segment in step["segments"]:
                connection.sendall(bytes.fromhex(segment))
            heard = b""
            while heard.count(END) < step["acks"]:
                heard += connection.recv(65536)
        print("acknowledged")


if __name__ == "__main__":
    if sys.argv[1] == "receive":
        receive(int(sys.argv[2]))
    else:
        with open(sys.argv[2]) as file:
            send(json.load(file))
