//! The OpenAPI document: what the handlers declare, completed with what is common to all of them.

mod common;
mod schemas;

use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Generated;

use crate::auth::Scope;
use crate::error::{Error, Result};
use crate::http::{Problem, ProblemFault};

/// The top of the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Contrat de ville",
        description = "The shared ledger of a French *contrat de ville*: yearly calls for projects, the decisions \
            of every co-funder on every application, evaluations, and the funded projects as open data. Conventions \
            are the same everywhere: strong `ETag`s, `Idempotency-Key` on every `POST`, keyset pages, problem \
            documents (RFC 9457) in English and French, money as exact decimal strings.",
        contact(name = "Contrat de ville", url = "https://code.gouv.fr", email = "contact@contrat-de-ville.example"),
        license(name = "EUPL-1.2", url = "https://eupl.eu/1.2/en/")
    ),
    components(schemas(Problem, ProblemFault)),
    tags(
        (name = "applications", description = "Applications of organisations to a call, from draft to admissible."),
        (name = "attachments", description = "The pieces of an application: sent and read as they are, at most 20 MiB each."),
        (name = "calls", description = "Yearly calls for projects and the envelopes of their co-funders."),
        (name = "co-funders", description = "The institutions that put money in."),
        (name = "contracts", description = "Contrats de ville and the amendments that change them over time."),
        (name = "decisions", description = "What each co-funder grants to each application: one line each."),
        (name = "evaluations", description = "What the council and the co-funders say of funded actions."),
        (name = "identity", description = "OAuth 2.0: tokens for machine clients."),
        (name = "open data", description = "The funded projects, for everyone, without a key."),
        (name = "opinions", description = "What the council and the co-funders' services think of an application before it is decided on."),
        (name = "organisations", description = "The organisations that carry projects."),
        (name = "programme", description = "A call's applications by its co-funders, what-ifs, and the committee that decides on them."),
        (name = "service", description = "The service itself: health, contract, kinds of problems.")
    )
)]
pub struct Base;

/// Completes the generated document.
pub fn finish(generated: &Generated) -> Result<Value> {
    let mut document = serde_json::to_value(generated).map_err(Error::internal)?;
    let top = object(&mut document)?;
    top.insert(
        "servers".to_owned(),
        json!([{"url": "/", "description": "This server: local demonstration or production", "x-internal": false}]),
    );
    let mut components = top.remove("components").unwrap_or_else(|| json!({}));
    schemas::finish(object(entry(object(&mut components)?, "schemas"))?);
    for (path, item) in object(entry(top, "paths"))? {
        for (method, operation) in object(item)? {
            common::complete(path, method, object(operation)?, &mut components)?;
        }
    }
    object(&mut components)?.insert("securitySchemes".to_owned(), security_schemes());
    common::collect_components(object(&mut components)?, entry(top, "paths"));
    top.insert("components".to_owned(), components);
    let text = serde_json::to_string(&document).map_err(Error::internal)?;
    serde_json::from_str(&schemas::rename_pages(&text)).map_err(Error::internal)
}

/// The document as clients get it: without the schemas nothing refers to. Those are the wholes that a merge patch is
/// merged into, where nobody sends a whole.
pub fn published(mut document: Value) -> Value {
    let text = document.to_string();
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    if let Some(schemas) = schemas {
        schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
    }
    document
}

fn security_schemes() -> Value {
    let scopes: Map<String, Value> =
        Scope::ALL.iter().map(|scope| (scope.as_str().to_owned(), Value::from(scope.about()))).collect();
    json!({
        "oauth2": {
            "type": "oauth2",
            "description": "A JWT access token (RFC 9068), used according to the best practices of RFC8725.",
            "flows": {"clientCredentials": {
                "tokenUrl": "/oauth/token", "refreshUrl": "/oauth/token", "scopes": scopes,
            }},
        },
        "clientBasic": {
            "type": "http", "scheme": "basic",
            "description": "The client's id and secret, at the token endpoint only (RFC 6749 §2.3.1).",
        },
    })
}

fn object(value: &mut Value) -> Result<&mut Map<String, Value>> {
    value.as_object_mut().ok_or_else(|| Error::internal("the document has no object here"))
}

/// The member of that name, made empty when it is missing.
fn entry<'a>(object: &'a mut Map<String, Value>, name: &str) -> &'a mut Value {
    object.entry(name).or_insert_with(|| json!({}))
}
