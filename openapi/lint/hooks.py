"""Hooks of the contract's property tests: who calls, with which key, under which condition.

Settings come from the environment: CONTRACT_BASE_URL, and CONTRACT_CLIENTS, the file of the demonstration's clients.
"""

import base64
import functools
import json
import os
import re
import threading
import uuid

import requests
import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import CoverageScenario, coverage_scenario

BASE_URL = os.environ["CONTRACT_BASE_URL"].rstrip("/")
with open(os.environ["CONTRACT_CLIENTS"], encoding="utf-8") as file:
    CLIENTS = json.load(file)

# Tried in this order: the first client whose scopes allow the operation calls it.
ROLES = ("administrator", "applicant", "instructor", "co-funder", "council")
# Operations that several roles' scopes allow, but whose rules are one role's business.
BUSINESS = (
    (re.compile(r"/(admissibility|returns|publication|conclusion)$"), "instructor"),
    (re.compile(r"^(?!GET ).*/(decisions|payments|decision-batches)\b"), "co-funder"),
)
# Well within the ten minutes a token is good for by default.
REFRESH_SECONDS = 240


def of_role(role):
    return [client for client in CLIENTS if client["role"] == role]


def required_scopes(operation):
    """The scopes any one of which opens the operation; None when it needs no token."""
    security = operation.definition.raw.get("security", operation.schema.raw_schema.get("security", []))
    alternatives = [requirement["oauth2"] for requirement in security if "oauth2" in requirement]
    return alternatives or None


def client_for(case):
    """The demonstration client that calls this case: the one whose business it is, else the first allowed to."""
    alternatives = required_scopes(case.operation)
    if alternatives is None:
        return None
    label = f"{case.operation.method.upper()} {case.operation.path}"
    preferred = [role for pattern, role in BUSINESS if pattern.search(label)]
    co_funder = (case.path_parameters or {}).get("coFunderId")
    candidates = [client for role in (*preferred, *ROLES) for client in of_role(role)]
    # Its own line, when the path names a co-funder of the demonstration.
    candidates.sort(key=lambda client: not (preferred and co_funder and client["coFunderId"] == co_funder))
    for client in candidates:
        if any(set(scopes) <= set(client["scopes"]) for scopes in alternatives):
            return client
    raise LookupError(f"no demonstration client may call {label}: it needs one of {alternatives}")


def fetch_token(client):
    response = requests.post(
        f"{BASE_URL}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client["clientId"], client["clientSecret"]),
        timeout=10,
    )
    response.raise_for_status()
    return response.json()["access_token"]


def uses_basic(operation):
    return any("clientBasic" in requirement for requirement in operation.definition.raw.get("security", []))


def identity(case, _context):
    if uses_basic(case.operation):
        return "basic"
    client = client_for(case)
    return client["clientId"] if client else "anonymous"


@schemathesis.auth(refresh_interval=REFRESH_SECONDS, cache_by_key=identity)
class DemonstrationClients:
    """The Authorization header of each operation: Basic at the OAuth endpoints, a bearer token elsewhere."""

    def get(self, case, context):
        if uses_basic(case.operation):
            client = of_role(ROLES[0])[0]
            pair = f"{client['clientId']}:{client['clientSecret']}".encode()
            return f"Basic {base64.b64encode(pair).decode()}"
        client = client_for(case)
        return f"Bearer {fetch_token(client)}" if client else None

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": data}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Shows the oauth2 scheme as the bearer token it is on the wire.

    Schemathesis does not know where an oauth2 scheme puts its credential, so `ignored_auth` would never try an
    operation without it. The flows stay: they tell which operation grants credentials.
    """
    schemes = raw_schema["components"]["securitySchemes"]
    schemes["oauth2"] |= {"type": "http", "scheme": "bearer"}


def declares_header(case, name):
    return name in case.operation.headers


def wrong_headers_on_purpose(case):
    """Whether the case is an invalid one, and for the sake of its headers."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_negative:
        return False
    data = meta.phase.data
    targets = {data.parameter_location, *(mutation.parameter_location for mutation in data.mutations)}
    return ParameterLocation.HEADER in targets


@schemathesis.deserializer("text/csv")
def deserialize_csv(_context, response):
    """A table is checked as the text it is."""
    return response.content.decode()


# Media types of attachments: what is sent and read as it is.
FILES = (
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/webp",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
)


@schemathesis.serializer(*FILES)
def serialize_file(_context, value):
    """A file is its bytes."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.deserializer(*FILES)
def deserialize_file(_context, response):
    """A file is checked as the text its bytes would be."""
    return response.content.decode("latin-1")


SESSION = threading.local()


def current_etag(case):
    """The ETag of the resource the case is about to change, as its own client sees it."""
    if not hasattr(SESSION, "value"):
        SESSION.value = requests.Session()
    authorization = (case.headers or {}).get("Authorization")
    headers = {"Authorization": authorization} if authorization else {}
    response = SESSION.value.get(f"{BASE_URL}{case.formatted_path}", headers=headers, timeout=10)
    return response.headers.get("ETag") if response.ok else None


@functools.cache
def published_call():
    """A call of the demonstration."""
    response = requests.get(f"{BASE_URL}/v1/calls", timeout=10)
    response.raise_for_status()
    return response.json()["items"][0]["id"]


@functools.cache
def commitment():
    """The path parameters of a commitment of the demonstration, that of its first co-funder."""
    response = requests.get(f"{BASE_URL}/v1/contracts?limit=1", timeout=10)
    response.raise_for_status()
    contract = response.json()["items"][0]["id"]
    response = requests.get(f"{BASE_URL}/v1/contracts/{contract}/commitments?asOf=2022-12-31", timeout=10)
    response.raise_for_status()
    return {"contractId": contract, "commitmentCode": response.json()["items"][0]["code"]}


@functools.cache
def draft():
    """A draft of the demonstration's applicant, to which attachments are added."""
    applicant = of_role("applicant")[0]
    response = requests.post(
        f"{BASE_URL}/v1/applications",
        json={"organisationId": applicant["organisationId"], "callId": published_call()},
        headers={"Authorization": f"Bearer {fetch_token(applicant)}"},
        timeout=10,
    )
    response.raise_for_status()
    return response.json()["id"]


@functools.cache
def voted_line():
    """A line of the demonstration that can be paid on, of the co-funder that calls: its application and its co-funder."""
    own = of_role("co-funder")[0]["coFunderId"]
    response = requests.get(f"{BASE_URL}/v1/open-data/funded-projects?limit=1&coFunderId={own}", timeout=10)
    response.raise_for_status()
    return {"applicationId": response.json()["items"][0]["id"], "coFunderId": own}


def visible(value):
    """A text of a query without what cannot be seen: its format says that this is refused, and no generator knows it."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(letter for letter in value if letter.isprintable())


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives keys and conditions the meaning that no schema can give them."""
    # Left as they are: methods the contract does not know, and headers that are themselves the test.
    if coverage_scenario(case) is CoverageScenario.UNSPECIFIED_HTTP_METHOD or wrong_headers_on_purpose(case):
        return
    # A cursor is opaque: an invented one is refused, whatever its form. A link may have found null where an id was wanted.
    if case.query and case.meta and case.meta.generation.mode.is_positive:
        case.query = {name: visible(value) for name, value in case.query.items() if name != "cursor"}
        # The code of a strand or a challenge is that of one call or contract: no schema can say that it needs its owner.
        if case.operation.path.startswith("/v1/open-data/") and {"strand", "challenge", "neighbourhood"} & set(case.query):
            case.query["callId"] = published_call()
    if any(value in (None, "None") for value in (case.path_parameters or {}).values()):
        case.path_parameters = {
            name: str(uuid.uuid4()) if value in (None, "None") else value for name, value in case.path_parameters.items()
        }
    # An applicant writes for its own organisation, in a call that is published: no schema can say which they are.
    if case.operation.label == "POST /v1/applications" and isinstance(case.body, dict) and "organisationId" in case.body:
        if case.meta and case.meta.generation.mode.is_positive:
            applicant = of_role("applicant")[0]
            case.body = {**case.body, "organisationId": applicant["organisationId"], "callId": published_call()}
    # No schema can say what a PDF is, nor that its name must end so.
    if case.operation.label.startswith("POST ") and case.operation.path.endswith("/attachments"):
        if case.meta and case.meta.generation.mode.is_positive:
            case.media_type, case.body = "application/pdf", f"%PDF-1.7\n{uuid.uuid4()}"
            case.query = {**(case.query or {}), "fileName": "statuts.pdf"}
            case.path_parameters = {**case.path_parameters, "applicationId": draft()}
    # Only its own co-funder pays on a line, and only on one that is voted.
    if case.operation.label.startswith("POST ") and case.operation.path.endswith("/payments"):
        if case.meta and case.meta.generation.mode.is_positive:
            case.path_parameters = {**case.path_parameters, **voted_line()}
    # A commitment is named by its contract and its code, which no other answer links to.
    if "commitmentCode" in (case.path_parameters or {}) and case.meta and case.meta.generation.mode.is_positive:
        case.path_parameters = {**case.path_parameters, **commitment()}
    headers = dict(case.headers or {})
    # Each case is a command of its own: a key met twice would answer the former case's reply, or 422.
    if declares_header(case, "Idempotency-Key"):
        headers["Idempotency-Key"] = f'"{uuid.uuid4()}"'
    # A well-formed but invented If-Match is always stale: the current one lets the case reach the rules behind it.
    # Cases without If-Match stay without (428), and where there is no resource the invented one stays.
    if "If-Match" in headers and declares_header(case, "If-Match"):
        if etag := current_etag(case):
            headers["If-Match"] = etag
            # The two conditions exclude each other: one asks for a resource that is there, the other for none.
            headers.pop("If-None-Match", None)
    if headers != (case.headers or {}):
        case.headers = headers
