#!/usr/bin/env python3
"""What strangers can do to a running service.

    bench/strangers.py ADDRESS CLIENTS PROCESS

ADDRESS is the host and port, CLIENTS the file of the demonstration's clients, PROCESS the id of the service's process.

1. 300 connections each hold 1 MiB of a form for a token: resident memory, and a reader meanwhile.
2. 100 threads ask for tokens with wrong secrets for 5 s: ten good requests meanwhile.
3. 60 connections ask for a long answer and do not read it: resident memory.
"""

import base64
import http.client
import json
import socket
import sys
import threading
import time

FORM = "application/x-www-form-urlencoded"


def main():
    address, clients, process = sys.argv[1:]
    client = next(one for one in json.load(open(clients)) if "Caf" in one["name"])

    before = resident(process)
    held = [hold_form(address) for _ in range(300)]
    status, seconds = read(address, "/v1/calls")
    after = resident(process)
    print(f"300 forms of 1 MiB: {before} MiB before, {after} MiB after; a reader got {status} in {seconds:.3f} s")
    for one in held:
        one.close()

    stop = time.monotonic() + 5
    tries = [0] * 100
    ids = [client["clientId"], "01890a5d-ac96-774b-bcce-b302099a8057"]
    threads = [
        threading.Thread(target=try_secrets, args=(address, ids[index % 2], stop, tries, index)) for index in range(100)
    ]
    for one in threads:
        one.start()
    time.sleep(0.5)
    good = [token(address, client["clientId"], client["clientSecret"]) for _ in range(10)]
    for one in threads:
        one.join()
    slowest = max(seconds for _, seconds in good)
    print(f"{sum(tries)} wrong secrets: good requests got {[status for status, _ in good]}, the slowest in {slowest:.3f} s")

    before = resident(process)
    unread = [ask(address, "/openapi.json") for _ in range(60)]
    time.sleep(2)
    after = resident(process)
    status, seconds = read(address, "/v1/calls")
    print(f"60 unread answers: {before} MiB before, {after} MiB after; a reader got {status} in {seconds:.3f} s")
    for one in unread:
        one.close()


def resident(process):
    with open(f"/proc/{process}/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS:")).split()[1]) // 1024


def connect(address):
    host, port = address.split(":")
    return socket.create_connection((host, int(port)))


def hold_form(address):
    one = connect(address)
    head = f"POST /oauth/token HTTP/1.1\r\nHost: {address}\r\nContent-Type: {FORM}\r\nContent-Length: {1 << 20}\r\n\r\n"
    try:
        one.sendall(head.encode())
        one.sendall(b"x" * ((1 << 20) - 1))
    except OSError:
        pass  # It has been refused, and closed.
    return one


def ask(address, path):
    one = connect(address)
    one.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
    return one


def read(address, path):
    start = time.monotonic()
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status, time.monotonic() - start


def token(address, name, secret, connection=None):
    start = time.monotonic()
    connection = connection or http.client.HTTPConnection(address, timeout=30)
    basic = base64.b64encode(f"{name}:{secret}".encode()).decode()
    connection.request(
        "POST", "/oauth/token", "grant_type=client_credentials", {"Authorization": f"Basic {basic}", "Content-Type": FORM}
    )
    answer = connection.getresponse()
    answer.read()
    return answer.status, time.monotonic() - start


def try_secrets(address, name, stop, tries, index):
    connection = http.client.HTTPConnection(address, timeout=30)
    while time.monotonic() < stop:
        token(address, name, f"wrong{index}", connection)
        tries[index] += 1


main()
