#!/usr/bin/env python3
"""Pushes one decision to a running demonstration and sees it counted in the open data.

Usage: smoke.py BASE_URL DEMO_CLIENTS_JSON

The Caf votes 1000.00 EUR for an application nobody has funded yet: the vote is created once, pushing it again changes
nothing, and the summary and the CSV each show one project and 1000.00 EUR more. Needs nothing but Python.
"""

import base64
import csv
import io
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal

GRANTED = Decimal("1000.00")
DECISION = {
    "firmness": "voted",
    "granted": {"amount": str(GRANTED), "currency": "EUR"},
    "credits": "mainstream",
    "actReference": "CA-2023-099",
    "actDate": "2023-05-10",
}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {self.body[:2000].decode(errors='replace')}"


class Service:
    def __init__(self, base):
        self.base = base.rstrip("/")
        self.token = None

    def send(self, method, path, body=None, headers=None):
        request = urllib.request.Request(urllib.parse.urljoin(self.base + "/", path), method=method)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if self.token and "Authorization" not in (headers or {}):
            request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        request.data = body
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Answer(response)
        except urllib.error.HTTPError as refusal:
            return Answer(refusal)

    def get(self, path, **headers):
        answer = self.send("GET", path, headers=headers)
        expect(answer.status == 200, f"GET {path} answered {answer}")
        return answer

    def sign_in(self, client):
        pair = f"{client['clientId']}:{client['clientSecret']}".encode()
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = self.send("POST", "/oauth/token", b"grant_type=client_credentials", headers)
        expect(answer.status == 200, f"POST /oauth/token answered {answer}")
        self.token = answer.json()["access_token"]


def expect(condition, otherwise):
    if not condition:
        sys.exit(f"smoke: FAIL: {otherwise}")


def say(what):
    print(f"smoke: {what}")


def read_summary(service):
    """Projects and amount of every year, and of all, which are checked to be their sum."""
    summary = service.get("/v1/open-data/funded-projects/summary?groupBy=year").json()
    years = {item["key"]: (item["projects"], Decimal(item["amount"]["amount"])) for item in summary["items"]}
    total = (summary["total"]["projects"], Decimal(summary["total"]["amount"]["amount"]))
    added = (sum(count for count, _ in years.values()), sum((amount for _, amount in years.values()), Decimal(0)))
    expect(added == total, f"the years add up to {added}, the total says {total}")
    return years, total


def read_csv(service):
    """Rows and amount of the whole list, page after page."""
    path, rows, amount = "/v1/open-data/funded-projects?limit=200", 0, Decimal(0)
    while path:
        answer = service.get(path, Accept="text/csv")
        kind = answer.headers.get("Content-Type", "")
        expect(kind.startswith("text/csv"), f"{path} answered {kind} instead of text/csv")
        table = csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""))
        expect({"project", "amount"} <= set(table.fieldnames or []), f"the CSV has columns {table.fieldnames}")
        for row in table:
            expect(row["project"], f"a row names no project: {row}")
            rows += 1
            amount += Decimal(row["amount"])
        following = re.search(r'<([^>]*)>\s*;\s*rel="?next"?', answer.headers.get("Link") or "")
        path = following.group(1) if following else None
    return rows, amount


def unfunded_request(service, co_funder):
    """An admissible application that asks the co-funder, has no line of it yet, and is no funded project."""
    path = "/v1/applications?status=admissible&limit=200"
    seen = 0
    while path:
        page = service.get(path).json()
        for application in page["items"]:
            seen += 1
            if all(request["coFunderId"] != co_funder for request in application["requests"]):
                continue
            line = f"/v1/applications/{application['id']}/decisions/{co_funder}"
            if service.send("GET", line).status != 404:
                continue
            if service.send("GET", f"/v1/open-data/funded-projects/{application['id']}").status == 404:
                return line
        path = page.get("next")
    sys.exit(f"smoke: FAIL: none of {seen} admissible applications asks the Caf and awaits its decision")


def main():
    base, clients = sys.argv[1:]
    with open(clients, encoding="utf-8") as file:
        caf = [c for c in json.load(file) if c["role"] == "co-funder" and "caf" in c["name"].lower()]
    expect(len(caf) == 1, f"{clients} has {len(caf)} co-funder clients named after the Caf, not one")
    service = Service(base)
    service.sign_in(caf[0])
    say("signed in as the Caf")

    years, total = read_summary(service)
    listed = read_csv(service)
    expect(listed == total, f"before: the CSV adds up to {listed}, the summary says {total}")
    say(f"before: {total[0]} projects, {total[1]} EUR, the same in summary and CSV")

    line = unfunded_request(service, caf[0]["coFunderId"])
    created = service.send("PUT", line, DECISION)
    expect(created.status == 201, f"PUT {line} answered {created} instead of 201")
    expect(created.headers.get("ETag"), f"PUT {line} answered 201 without an ETag")
    read = service.get(line)
    expect(read.headers.get("ETag") == created.headers["ETag"], "the line has another ETag than its creation")
    expect(Decimal(read.json()["granted"]["amount"]) == GRANTED, f"the line reads {read}")
    again = service.send("PUT", line, DECISION)
    expect(again.status == 200, f"the same PUT again answered {again} instead of 200")
    expect(again.headers.get("ETag") == created.headers["ETag"], "the same PUT again made a new version")
    say("voted 1000.00 EUR (201), pushed again without effect (200)")

    wanted = (total[0] + 1, total[1] + GRANTED)
    years_after, total_after = read_summary(service)
    expect(total_after == wanted, f"after: the summary says {total_after} instead of {wanted}")
    none = (0, Decimal(0))
    changed = {
        year: (counted[0] - years.get(year, none)[0], counted[1] - years.get(year, none)[1])
        for year, counted in years_after.items()
        if counted != years.get(year)
    }
    expect(list(changed.values()) == [(1, GRANTED)], f"after: the years changed by {changed}")
    listed_after = read_csv(service)
    expect(listed_after == wanted, f"after: the CSV adds up to {listed_after} instead of {wanted}")
    say(f"after: {total_after[0]} projects, {total_after[1]} EUR, the same in summary and CSV")
    say("PASS")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main()
