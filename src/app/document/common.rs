//! What operations have in common: parameters, refusals, headers. Declared once, here, from what each operation is.

use serde_json::{Map, Value, json};

use super::schemas::{example_of, patch_of, restrict};
use super::{entry, object};
use crate::error::{Code, Error, Fault, Result};
use crate::files::MediaType;
use crate::http::{Language, Problem};

const MERGE_PATCH: &str = "application/merge-patch+json";
/// How handlers declare the bytes of a file, whatever it is.
const ANY_FILE: &str = "application/octet-stream";

/// Completes one operation.
pub fn complete(
    path: &str,
    method: &str,
    operation: &mut Map<String, Value>,
    components: &mut Value,
) -> Result<()> {
    name(operation);
    operation.entry("security").or_insert_with(|| json!([{}]));
    let facts = Facts::of(path, method, operation);
    complete_patch(operation, components)?;
    each_body(operation, spread_media_types);
    add_parameters(&facts, operation);
    add_responses(&facts, operation)?;
    let schemas = components.get("schemas").and_then(Value::as_object);
    let none = Map::new();
    each_body(operation, |body| add_example(body, schemas.unwrap_or(&none)));
    Ok(())
}

/// What decides which parameters and refusals an operation has.
struct Facts {
    reads: bool,
    ledger: bool,
    has_path: bool,
    has_body: bool,
    is_scoped: bool,
    is_post: bool,
    honours_match: bool,
    needs_match: bool,
    is_put: bool,
}

impl Facts {
    fn of(path: &str, method: &str, operation: &Map<String, Value>) -> Self {
        let has_body = operation.contains_key("requestBody");
        let ledger = path.starts_with("/v1/");
        let security = operation.get("security").and_then(Value::as_array);
        let is_scoped = security.into_iter().flatten().any(|one| one.get("oauth2").is_some());
        // A PUT that can create is one that replaces; a transition (`/submission`) repeats safely by itself.
        let replaces =
            method == "put" && operation.get("responses").is_some_and(|all| all.get("201").is_some());
        let open = security.into_iter().flatten().any(|one| *one == json!({}));
        Self {
            reads: method == "get",
            ledger,
            has_path: path.contains('{'),
            has_body,
            is_scoped: is_scoped && !open,
            is_post: method == "post",
            honours_match: ledger
                && (matches!(method, "put" | "patch" | "delete")
                    || path.ends_with("/signatures") && method == "post"),
            needs_match: ledger && (replaces || matches!(method, "patch" | "delete")),
            is_put: replaces,
        }
    }
}

/// `create_co_funder` becomes `createCoFunder`; a missing description repeats the summary.
fn name(operation: &mut Map<String, Value>) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
    let mut words = id.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (head, tail) = word.split_at(word.len().min(1));
        camel.push_str(&head.to_ascii_uppercase());
        camel.push_str(tail);
    }
    operation.insert("operationId".to_owned(), Value::from(camel));
    let summary = operation.get("summary").cloned().unwrap_or_default();
    operation.entry("description").or_insert(summary);
}

/// A merge patch of `X` is documented by `XPatch`.
fn complete_patch(operation: &mut Map<String, Value>, components: &mut Value) -> Result<()> {
    let pointer = format!("/requestBody/content/{}/schema/$ref", MERGE_PATCH.replace('/', "~1"));
    let mut body = Value::Object(operation.clone());
    let Some(Value::String(reference)) = body.pointer_mut(&pointer) else { return Ok(()) };
    let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
    reference.push_str("Patch");
    let schemas = object(entry(object(components)?, "schemas"))?;
    let whole = schemas.get(&name).ok_or_else(|| Error::internal(format!("no schema {name}")))?;
    let patch = patch_of(whole);
    schemas.insert(format!("{name}Patch"), patch);
    *operation = object(&mut body)?.clone();
    Ok(())
}

/// What is declared as any file is one of the media types that are kept.
fn spread_media_types(body: &mut Value) {
    let Some(content) = body.get_mut("content").and_then(Value::as_object_mut) else { return };
    if let Some(file) = content.remove(ANY_FILE) {
        content.extend(MediaType::ALL.iter().map(|one| (one.as_str().to_owned(), file.clone())));
    }
}

/// The body of the request, and those of the responses.
fn each_body(operation: &mut Map<String, Value>, mut change: impl FnMut(&mut Value)) {
    if let Some(body) = operation.get_mut("requestBody") {
        change(body);
    }
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    responses.into_iter().flat_map(Map::values_mut).for_each(change);
}

fn add_parameters(facts: &Facts, operation: &mut Map<String, Value>) {
    let mut added = Vec::new();
    if facts.is_post && facts.ledger {
        added.push("IdempotencyKey");
    }
    if facts.honours_match {
        added.push("IfMatch");
    }
    if facts.is_put || facts.reads {
        added.push("IfNoneMatch");
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        for parameter in parameters.iter_mut() {
            if let Some(schema) = parameter.get_mut("schema") {
                restrict(schema);
            }
        }
        parameters
            .extend(added.iter().map(|name| json!({"$ref": format!("#/components/parameters/{name}")})));
    }
}

fn refusals(facts: &Facts) -> Vec<u16> {
    let mut statuses = vec![400, 401, 406, 500, 503];
    let conditional: [(bool, &[u16]); 6] = [
        (facts.is_scoped, &[403]),
        (facts.has_path, &[404]),
        (facts.ledger && !facts.reads, &[404, 409, 422]),
        (facts.has_body, &[408, 413, 415]),
        (facts.honours_match, &[412]),
        (facts.needs_match, &[428]),
    ];
    for (applies, more) in conditional {
        if applies {
            statuses.extend(more);
        }
    }
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

fn add_responses(facts: &Facts, operation: &mut Map<String, Value>) -> Result<()> {
    let responses = object(operation.entry("responses").or_insert_with(|| json!({})))?;
    // A POST that may make something says where it is, new or not.
    let makes = facts.is_post && responses.contains_key("201");
    for (status, response) in responses.iter_mut() {
        let mut names = vec!["Access-Control-Allow-Origin", "API-Version", "X-Request-Id"];
        if status != "204" {
            names.push("ETag");
        }
        if response.to_string().contains("\"format\":\"binary\"") {
            names.push("Content-Disposition");
        }
        if status == "201" || status == "200" && makes {
            names.push("Location");
        }
        if status == "200" && response.to_string().contains("/Page_") {
            names.push("Link");
        }
        object(response)?.insert("headers".to_owned(), header_references(&names));
        restrict(response);
    }
    if facts.reads {
        responses.insert("304".to_owned(), json!({"$ref": "#/components/responses/NotModified"}));
    }
    for status in refusals(facts) {
        responses
            .insert(status.to_string(), json!({"$ref": format!("#/components/responses/Refused{status}")}));
    }
    Ok(())
}

fn header_references(names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")})))
        .collect()
}

/// A body gets the example of its schema.
fn add_example(body: &mut Value, schemas: &Map<String, Value>) {
    let content = body.get_mut("content").and_then(Value::as_object_mut);
    for media in content.into_iter().flat_map(Map::values_mut) {
        let reference = media.pointer("/schema/$ref").and_then(Value::as_str);
        let example = reference.and_then(|reference| example_of(reference, schemas));
        if let (Some(example), Some(media)) = (example, media.as_object_mut()) {
            media.entry("example").or_insert(example);
        }
    }
}

/// The shared responses, headers and parameters that some operation refers to.
pub fn collect_components(components: &mut Map<String, Value>, paths: &Value) {
    let used = paths.to_string();
    let is_used = |kind: &str, name: &str| used.contains(&format!("\"#/components/{kind}/{name}\""));
    let mut responses: Map<String, Value> = statuses()
        .into_iter()
        .filter(|status| is_used("responses", &format!("Refused{status}")))
        .map(|status| (format!("Refused{status}"), refusal(status)))
        .collect();
    responses.insert(
        "NotModified".to_owned(),
        json!({
            "description": "It is what If-None-Match named: no body.",
            "headers": header_references(&["Access-Control-Allow-Origin", "ETag", "X-Request-Id"]),
        }),
    );
    let parameters = parameters().into_iter().filter(|(name, _)| is_used("parameters", name));
    components.insert("parameters".to_owned(), Value::Object(parameters.collect()));
    let all = format!("{used}{}", Value::Object(responses.clone()));
    let headers =
        headers().into_iter().filter(|(name, _)| all.contains(&format!("\"#/components/headers/{name}\"")));
    components.insert("headers".to_owned(), Value::Object(headers.collect()));
    components.insert("responses".to_owned(), Value::Object(responses));
}

fn statuses() -> Vec<u16> {
    let mut statuses: Vec<u16> = Code::ALL.iter().map(|code| code.entry().status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

/// One response a status, with an example document for each of its codes.
fn refusal(status: u16) -> Value {
    let codes: Vec<Code> = Code::ALL.into_iter().filter(|code| code.entry().status == status).collect();
    let titles: Vec<String> =
        codes.iter().map(|code| format!("`{}`: {}.", code.entry().slug, code.entry().title_en)).collect();
    let examples: Map<String, Value> =
        codes.iter().map(|code| (code.entry().slug.to_owned(), json!({"value": example(*code)}))).collect();
    let mut names = vec!["Access-Control-Allow-Origin", "API-Version", "X-Request-Id"];
    match status {
        401 => names.push("WWW-Authenticate"),
        409 | 503 => names.push("Retry-After"),
        _ => {}
    }
    json!({
        "description": titles.join(" "),
        "headers": header_references(&names),
        "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples,
        }},
    })
}

fn example(code: Code) -> Value {
    let mut error = Error::new(code);
    if matches!(code, Code::ValidationFailed) {
        error = error.faults(vec![Fault::required("/name")]);
    }
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let problem = Problem::new(&error, Language::English, "https://ledger.example.org", "/v1/co-funders", id);
    serde_json::to_value(problem).unwrap_or_default()
}

fn string(description: &str, pattern: &str, longest: u32, example: &str) -> Value {
    json!({
        "description": description,
        "schema": {"type": "string", "pattern": pattern, "maxLength": longest, "examples": [example]},
    })
}

fn headers() -> Map<String, Value> {
    let tag = "^(W/)?\"[!#-~]*\"$";
    let table = [
        (
            "Access-Control-Allow-Origin",
            string("Sent to browsers that name their origin.", "^[ -~]+$", 300, "*"),
        ),
        ("API-Version", string("The version of the service.", r"^[0-9]+\.[0-9]+\.[0-9]+$", 20, "0.1.0")),
        (
            "Content-Disposition",
            string(
                "The name to keep it under (RFC 6266).",
                "^attachment; [ -~]+$",
                5000,
                "attachment; filename=\"statuts.pdf\"",
            ),
        ),
        ("ETag", string("Names this representation; strong.", tag, 100, "\"3\"")),
        (
            "Link",
            string(
                "The next page: `<…>; rel=\"next\"`.",
                "^<.*$",
                5000,
                "</v1/calls?cursor=x>; rel=\"next\"",
            ),
        ),
        (
            "Location",
            string(
                "Where the new resource is.",
                "^/[!-~]*$",
                2000,
                "/v1/calls/01890a5d-ac96-774b-bcce-b302099a8057",
            ),
        ),
        ("Retry-After", string("Seconds to wait before trying again.", "^[0-9]+$", 10, "2")),
        ("WWW-Authenticate", string("How to authenticate (RFC 6750 §3).", "^[ -~]+$", 500, "Bearer")),
        ("X-Request-Id", string("The request's id, as sent or as given.", "^[A-Za-z0-9_.:-]+$", 128, "a1b2")),
    ];
    table.into_iter().map(|(name, header)| (name.to_owned(), header)).collect()
}

fn parameters() -> Map<String, Value> {
    // What is no entity tag matches none (RFC 9110 §13.1): only what is no header text is refused.
    let tags = "^[ -~]+$";
    let key = "^\"([ !#-Z^-~\\[\\]]|\\\\[\"\\\\]){1,255}\"$";
    let table = [
        (
            "IdempotencyKey",
            "Idempotency-Key",
            string(
                "Makes the request safe to repeat: a quoted string, new for each new request; kept for seven days.",
                key,
                514,
                "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"",
            ),
        ),
        (
            "IfMatch",
            "If-Match",
            string(
                "The ETag that was read. Changing what exists without it is 428; with an older one, 412.",
                tags,
                1000,
                "\"3\"",
            ),
        ),
        (
            "IfNoneMatch",
            "If-None-Match",
            string(
                "The ETag already known: 304 when it still holds. `*` on a PUT: only create.",
                tags,
                1000,
                "\"3\"",
            ),
        ),
    ];
    let parameter = |(component, name, mut parameter): (&str, &str, Value)| {
        if let Some(object) = parameter.as_object_mut() {
            object.insert("name".to_owned(), Value::from(name));
            object.insert("in".to_owned(), Value::from("header"));
        }
        (component.to_owned(), parameter)
    };
    table.into_iter().map(parameter).collect()
}
