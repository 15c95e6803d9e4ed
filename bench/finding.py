#!/usr/bin/env python3
"""First page against a page far in, case by case: `finding.py ADDRESS CLIENTS ROUNDS`. See finding.sh."""

import base64
import collections
import http.client
import json
import statistics
import sys
import time
from urllib.parse import quote, urlencode

ADDRESS, CLIENTS, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
FAR = 20_000  # rows before the page far in, or four fifths of a shorter list
connection = http.client.HTTPConnection(ADDRESS)


def request(method, path, headers, body=None):
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status == 200, (path, answer.status, content)
    return json.loads(content)


def token(name):
    client = next(one for one in json.load(open(CLIENTS)) if name in one["name"])
    secret = base64.b64encode(f"{client['clientId']}:{client['clientSecret']}".encode()).decode()
    headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/x-www-form-urlencoded"}
    answer = request("POST", "/oauth/token", headers, "grant_type=client_credentials")
    return {"Authorization": "Bearer " + answer["access_token"]}, client["coFunderId"]


def page(path, reader):
    begun = time.perf_counter()
    answer = request("GET", path, reader)
    return answer, (time.perf_counter() - begun) * 1000


def measure(path, reader):
    """The median of several requests, in milliseconds."""
    return statistics.median(page(path, reader)[1] for _ in range(ROUNDS))


def case(name, reader, **query):
    path = "/v1/applications?" + urlencode(query, quote_via=quote)
    stops, link = [], path + ("&" if query else "") + "limit=200"
    rows = 0
    while link and rows < FAR:
        answer, _ = page(link, reader)
        rows += len(answer["items"])
        link = answer["next"]
        if link:
            stops.append(link)
    if not stops:
        return print(f"{name:58} {rows:6} rows, one page: {measure(path + '&limit=50', reader):.1f} ms")
    far = stops[-1] if rows >= FAR else stops[len(stops) * 4 // 5]
    far = far.replace("limit=200", "limit=50")
    near, deep = measure(path + ("&" if query else "") + "limit=50", reader), measure(far, reader)
    print(f"{name:58} {near:7.1f} ms {deep:7.1f} ms   x {deep / near:.2f}", flush=True)


staff, _ = token("Instruction")
sample = request("GET", "/v1/applications?limit=200&sort=-createdAt", staff)["items"]
calls = request("GET", "/v1/calls?limit=200", staff)["items"]
published = [call for call in calls if call["status"] == "published"]
launched = collections.Counter(co_funder for call in published for co_funder in call["launchedBy"])
(every, _), (few, _) = launched.most_common()[0], launched.most_common()[-1]
names = {one["id"]: one["name"] for one in request("GET", "/v1/co-funders?limit=200", {})["items"]}
one = next(one for one in sample if one["status"] == "underway")
filters = [
    {},
    {"call": one["callId"]},
    {"status": "admissible"},
    {"fundingStatus": "partial"},
    {"strand": one["strand"]},
    {"challenge": one["challenges"][0]},
    {"neighbourhood": one["neighbourhoods"][0]},
    {"coFunder": one["requests"][0]["coFunderId"]},
    {"organisation": one["organisationId"]},
    {"q": "atelier"},
    {"q": "théâtre"},
    {"q": "musique régie"},
    {"q": "rarissime"},
    {"q": "introuvable"},
    {"status": "underway", "strand": one["strand"], "q": "jardins"},
]
orders = ["createdAt", "-createdAt", "updatedAt", "title", "-title", "requested", "submittedAt", "-submittedAt"]
print(f"{'reader, query':58} {'first':>10} {'far in':>10}")
for reader_name, key in [("staff", "Instruction"), ("in every call", names[every]), ("in few calls", names[few])]:
    reader, _ = token(key)
    for query in filters:
        shown = " ".join(f"{name}={value if name in ('q', 'status', 'fundingStatus') else '…'}" for name, value in query.items())
        case(f"{reader_name}: {shown or 'all'}", reader, **query)
        case(f"{reader_name}: {shown or 'all'} sort=title", reader, **query, sort="title")
    for order in orders:
        case(f"{reader_name}: sort={order}", reader, sort=order)
        case(f"{reader_name}: call=… sort={order}", reader, call=one["callId"], sort=order)
