#!/usr/bin/env python3
"""A batch of 1,000 decisions beside 20 single pushes: `batch.py ADDRESS CLIENTS ROUNDS`. See batch.sh."""

import base64
import http.client
import json
import statistics
import sys
import time

ADDRESS, CLIENTS, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
SINGLE, BATCH = 20, 1_000
connection = http.client.HTTPConnection(ADDRESS)


def send(method, path, headers, body=None):
    begun = time.perf_counter()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    return answer.status, content, (time.perf_counter() - begun) * 1000


def client(name):
    one = next(one for one in json.load(open(CLIENTS)) if name in one["name"])
    secret = base64.b64encode(f"{one['clientId']}:{one['clientSecret']}".encode()).decode()
    headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/x-www-form-urlencoded"}
    _, content, _ = send("POST", "/oauth/token", headers, "grant_type=client_credentials")
    token = json.loads(content)["access_token"]
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}, one["coFunderId"]


def applications(reader, own, wanted):
    """Admissible ones on which nobody has decided yet, of the calls that were filled."""
    found, path = [], "/v1/applications?limit=200&status=admissible&fundingStatus=none&sort=-createdAt"
    while path and len(found) < wanted:
        page = json.loads(send("GET", path, reader)[1])
        free = (one for one in page["items"] if all(line["firmness"] is None for line in one["funding"]["byCoFunder"]))
        found += [one["id"] for one in free]
        path = page["next"]
    assert len(found) >= wanted, f"{len(found)} applications, {wanted} wanted"
    return found[:wanted]


def decision(firmness, reference):
    return {
        "firmness": firmness, "granted": {"amount": "1.00", "currency": "EUR"}, "credits": "mainstream",
        "actReference": "ACT-1", "actDate": "2023-03-16", "partnerReference": reference,
    }


def single(reader, own, ids, firmness, reference, condition):
    # What a batch left to do after its answer is not what a single push waits for.
    time.sleep(1)
    total = 0
    for one in ids:
        path = f"/v1/applications/{one}/decisions/{own}"
        status, content, took = send("PUT", path, {**reader, **condition}, json.dumps(decision(firmness, reference)))
        assert status in (200, 201), content
        total += took
    return total


def batch(reader, ids, firmness, reference, condition):
    lines = [{"applicationId": one, "decision": decision(firmness, reference), **condition} for one in ids]
    status, content, took = send("POST", "/v1/decision-batches", reader, json.dumps({"lines": lines}))
    answer = json.loads(content)
    assert status == 201 and answer["recorded"] + answer["superseded"] == len(ids), content[:500]
    return took


reader, own = client("État")
ids = applications(reader, own, 2 * ROUNDS * (SINGLE + BATCH))
cases = {"new, agreed": [], "superseded": [], "new, voted": []}
for turn in range(ROUNDS):
    for firmness in ("agreed", "voted"):
        few, ids = ids[:SINGLE], ids[SINGLE:]
        many, ids = ids[:BATCH], ids[BATCH:]
        one_by_one = single(reader, own, few, firmness, "1", {})
        cases[f"new, {firmness}"].append((one_by_one, batch(reader, many, firmness, "1", {})))
        if firmness == "agreed":
            one_by_one = single(reader, own, few, firmness, "2", {"If-Match": "*"})
            cases["superseded"].append((one_by_one, batch(reader, many, firmness, "2", {"ifMatch": "*"})))

print(f"{'':14}{'20 single':>12}{'1,000 at once':>16}{'ratio':>8}{'in singles':>12}")
for name, pairs in cases.items():
    few, many = (statistics.median(column) for column in zip(*pairs))
    print(f"{name:14}{few:>9.1f} ms{many:>13.1f} ms{many / few:>8.2f}{many / few * SINGLE:>12.0f}")
