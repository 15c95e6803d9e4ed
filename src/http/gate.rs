//! The gate: before a handler runs, the request is held to the OpenAPI document. Method, token and scopes, media
//! types and query are checked here, once, from the document itself.

use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue,
    TRANSFER_ENCODING,
};
use actix_web::middleware::Next;
use actix_web::web::{Data, Query};
use serde_json::{Map, Value};

use super::Specification;
use super::specification::{Access, Operation, Parameters};
use crate::auth::{Principal, Tokens};
use crate::error::{Code, Error, Fault, FaultCode, Result};

/// Refuses what the document refuses; lets the rest through, with its principal.
pub async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match admit(&request) {
        Ok(principal) => {
            if let Some(principal) = principal {
                request.extensions_mut().insert(principal);
            }
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Err(error) => Ok(request.error_response(error)),
    }
}

fn admit(request: &ServiceRequest) -> Result<Option<Principal>> {
    let specification =
        request.app_data::<Data<Specification>>().ok_or_else(|| Error::internal("no specification"))?;
    // The path as the router reads it, percent-encoding undone: `match_pattern()` would look at the raw one.
    let path = request.resource_map().match_pattern(request.match_info().unprocessed());
    let Some(operations) = path.as_ref().and_then(|path| specification.operations(path)) else {
        return if is_documentation(path.as_deref()) { Ok(None) } else { Err(Error::not_found()) };
    };
    let operation = by_method(operations, request.method())?;
    let principal = authenticate(request, &operation.access)?;
    check_accept(request.headers(), operation)?;
    check_content_encoding(request.headers(), operation)?;
    check_content_type(request.headers(), operation)?;
    check_query(request.query_string(), &operation.query)?;
    check_headers(request.headers(), &operation.headers)?;
    Ok(principal)
}

/// The documentation pages are the one thing served that the document does not describe.
fn is_documentation(pattern: Option<&str>) -> bool {
    pattern.is_some_and(|pattern| pattern.starts_with("/docs"))
}

fn by_method<'a>(operations: &'a [(Method, Operation)], method: &Method) -> Result<&'a Operation> {
    if let Some((_, operation)) = operations.iter().find(|(known, _)| known == method) {
        return Ok(operation);
    }
    let mut allowed: Vec<&str> = operations.iter().map(|(known, _)| known.as_str()).collect();
    if allowed.contains(&"GET") {
        allowed.push("HEAD");
    }
    let allowed = allowed.join(", ");
    Err(Error::new(Code::MethodNotAllowed)
        .detail(format!("this path knows {allowed}"), format!("ce chemin connaît {allowed}"))
        .header("Allow", allowed))
}

fn authenticate(request: &ServiceRequest, access: &Access) -> Result<Option<Principal>> {
    if *access == Access::Itself {
        return Ok(None);
    }
    let tokens = request.app_data::<Data<Tokens>>().ok_or_else(|| Error::internal("no keys"))?;
    let header = request.headers().get(AUTHORIZATION);
    let bearer = header.and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    match (bearer, access) {
        (Some(token), Access::Scoped(scopes)) => {
            let principal = tokens.read(token)?;
            principal.require_any(scopes)?;
            Ok(Some(principal))
        }
        (Some(token), _) => tokens.read(token).map(Some),
        (None, Access::Optional) if header.is_none() => Ok(None),
        (None, _) => Err(Error::new(Code::InvalidToken)),
    }
}

/// Whether `Accept` admits one of the operation's media types (RFC 9110 §12.5.1).
fn check_accept(headers: &HeaderMap, operation: &Operation) -> Result<()> {
    let mut ranges = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()).peekable();
    if ranges.peek().is_none() || operation.produces.is_empty() {
        return Ok(());
    }
    let accepted = ranges.any(|list| operation.produces.iter().any(|kind| accepts(list, kind)));
    if accepted { Ok(()) } else { Err(Error::new(Code::NotAcceptable)) }
}

/// Whether a list of media ranges admits `kind` at all.
pub(super) fn accepts(list: &str, kind: &str) -> bool {
    quality(list, kind) > 0.0
}

/// How much a list of media ranges wants `kind`: its most specific range decides.
pub(super) fn quality(list: &str, kind: &str) -> f32 {
    let (list, kind) = (list.to_ascii_lowercase(), essence(kind));
    let mut best = (0, 0.0);
    for range in list.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        let precision = match named.split_once('/') {
            _ if named == kind => 3,
            Some((major, "*")) if major != "*" && kind.starts_with(&format!("{major}/")) => 2,
            Some(("*", "*")) => 1,
            _ => continue,
        };
        if precision > best.0 {
            best = (precision, weight);
        }
    }
    best.1
}

fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Bodies come as they are: compressed ones are refused (RFC 9110 §8.4), since a small one can hold a very large one.
fn check_content_encoding(headers: &HeaderMap, operation: &Operation) -> Result<()> {
    let is_identity = |value: &HeaderValue| {
        let list = value.to_str().unwrap_or("unreadable");
        list.split(',').map(str::trim).all(|one| one.is_empty() || one.eq_ignore_ascii_case("identity"))
    };
    if operation.consumes.is_empty() || headers.get_all(CONTENT_ENCODING).all(is_identity) {
        return Ok(());
    }
    Err(Error::new(Code::UnsupportedMediaType)
        .detail("send the body without Content-Encoding", "envoyez le corps sans Content-Encoding")
        .header("Accept-Encoding", "identity"))
}

fn check_content_type(headers: &HeaderMap, operation: &Operation) -> Result<()> {
    let length = headers.get(CONTENT_LENGTH).is_some_and(|value| value.as_bytes() != b"0");
    let has_body = length || headers.contains_key(TRANSFER_ENCODING);
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(essence);
    if operation.consumes.is_empty() || (!has_body && given.is_none()) {
        return Ok(());
    }
    if given.is_some_and(|given| operation.consumes.contains(&given)) {
        return Ok(());
    }
    let wanted = operation.consumes.join(", ");
    Err(Error::new(Code::UnsupportedMediaType)
        .detail(format!("send {wanted}"), format!("envoyez {wanted}"))
        .header("Accept", wanted))
}

fn check_query(query: &str, parameters: &Parameters) -> Result<()> {
    let pairs = Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|cause| Error::new(Code::InvalidParameter).cause(cause))?;
    refuse(badly_encoded(query, &pairs))?;
    let mut values = Map::new();
    let mut faults = Vec::new();
    for (name, text) in pairs.into_inner() {
        let integer = parameters.integers.contains(&name).then(|| text.parse::<i64>().ok()).flatten();
        let boolean = parameters.booleans.contains(&name).then(|| text.parse::<bool>().ok()).flatten();
        let told = integer.map(Value::from).or(boolean.map(Value::from));
        let value = told.unwrap_or_else(|| Value::from(text));
        if values.insert(name.clone(), value).is_some() {
            let (en, fr) = ("is given more than once", "est donné plus d’une fois");
            faults.push(Fault::new(name, FaultCode::RepeatedParameter, en, fr));
        }
    }
    faults.extend(parameters.shape.faults(&Value::Object(values)));
    refuse(faults)
}

/// The parameters whose values are not percent-encoded UTF-8 (RFC 3986 §2.5): decoding puts U+FFFD in their place.
fn badly_encoded(query: &str, pairs: &[(String, String)]) -> Vec<Fault> {
    let encoded = query.split('&').filter(|pair| !pair.is_empty());
    let malformed = pairs.iter().zip(encoded).filter(|(_, pair)| {
        let (_, value) = pair.split_once('=').unwrap_or_default();
        !is_percent_encoded(value)
    });
    let (en, fr) = ("is not percent-encoded UTF-8", "n’est pas de l’UTF-8 encodé avec des signes « % »");
    malformed.map(|((name, _), _)| Fault::new(name, FaultCode::WrongFormat, en, fr)).collect()
}

fn is_percent_encoded(text: &str) -> bool {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    while let Some(byte) = rest.next() {
        let plain = match byte {
            b'%' => match (digit(rest.next()), digit(rest.next())) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return false,
            },
            other => other,
        };
        bytes.push(plain);
    }
    std::str::from_utf8(&bytes).is_ok()
}

/// The headers that the operation names; others are none of its business.
fn check_headers(headers: &HeaderMap, parameters: &Parameters) -> Result<()> {
    let mut values = Map::new();
    for name in &parameters.names {
        let given: Vec<_> =
            headers.get_all(name).map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        if !given.is_empty() {
            values.insert(name.clone(), Value::from(given.join(", ")));
        }
    }
    if values.is_empty() { Ok(()) } else { refuse(parameters.shape.faults(&Value::Object(values))) }
}

/// Parameters are named as they are, not by a pointer.
fn refuse(mut faults: Vec<Fault>) -> Result<()> {
    for fault in &mut faults {
        fault.pointer = fault.pointer.trim_start_matches('/').to_owned();
        if fault.code == FaultCode::UnknownField {
            fault.code = FaultCode::UnknownParameter;
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::new(Code::InvalidParameter).faults(faults)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_range_decides() {
        assert!(accepts("*/*", "application/json"));
        assert!(accepts("text/html, application/*;q=0.5", "application/json"));
        assert!(!accepts("application/json;q=0, */*", "application/json"));
        assert!(!accepts("text/csv", "application/json"));
        assert!(
            quality("text/csv, */*;q=0.1", "text/csv") > quality("text/csv, */*;q=0.1", "application/json")
        );
    }
}
