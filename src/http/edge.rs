//! The outermost layer: request ids, headers of every answer, problem documents, the access log.

use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, MessageBody, SizedStream};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::stream;
use uuid::Uuid;

use super::problem::of_status;
use super::{Specification, Teller};
use crate::auth::Principal;
use crate::error::{Code, Error};
use crate::types::ClientId;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
const CONTENT_SECURITY_POLICY: HeaderName = HeaderName::from_static("content-security-policy");

/// A request's own name, given by the client or by us.
#[derive(Clone)]
pub(super) struct RequestId(pub(super) String);

/// The client whose credentials came with a request for a token, right or wrong: the access log names it.
pub struct TriedClient(pub ClientId);

/// Everything that happens to every request, whatever it asks.
pub async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let id = RequestId(request_id(request.headers()));
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    if method == Method::HEAD {
        // HEAD is GET whose body the connection leaves out (RFC 9110 §9.3.2).
        request.head_mut().method = Method::GET;
    }
    let response = next.call(request).await?.map_into_boxed_body();
    let response = with_problem(response, &id.0);
    let response = if method == Method::HEAD { without_body(response) } else { response };
    let response = with_headers(response, &id.0);
    log_access(&response, &method, &id.0, started);
    Ok(response)
}

/// Says how long the body is, and lets go of it unread.
fn without_body(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    response.map_body(|_, body| match body.size() {
        BodySize::Sized(size) => SizedStream::new(size, stream::empty::<Result<Bytes, Error>>()).boxed(),
        _ => body,
    })
}

/// A client's request id is kept when it is a plain word of reasonable length.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |word: &&str| {
        (1..=128).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(plain);
    given.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// Turns every error, the framework's own included, into a problem document.
fn with_problem(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let own = response.response().error().and_then(|error| error.as_error::<Error>());
    let framework = response.response().error().map(ToString::to_string);
    let general;
    let error = match own {
        Some(error) => error,
        None => {
            general = of_status(status).cause(framework.unwrap_or_default());
            &general
        }
    };
    // What is busy is in the access log: a line more for each would fill the log.
    if error.code().entry().status >= 500 && error.code() != Code::Busy {
        log::error!("request {id}: {error}");
    } else {
        log::debug!("request {id}: {error}");
    }
    let teller = Teller::of(response.request());
    let mut document = teller.tell(error).response(error, teller.language());
    // What the CORS layer said of the request holds for its refusal too.
    let kept = |name: &HeaderName| *name == VARY || name.as_str().starts_with("access-control-");
    for (name, value) in response.headers().iter().filter(|(name, _)| kept(name)) {
        document.headers_mut().append(name.clone(), value.clone());
    }
    response.into_response(document)
}

fn with_headers(mut response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let private = response.request().extensions().contains::<Principal>();
    let trace = response.request().headers().get(TRACEPARENT).filter(|value| is_traceparent(value)).cloned();
    let secure = is_https(response.request());
    let refused = response.status().is_client_error() || response.status().is_server_error();
    let html =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let asset = response.request().path().starts_with("/docs");
    let written = !response.request().method().is_safe() || response.status() == StatusCode::CREATED;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(trace) = trace {
        headers.insert(TRACEPARENT, trace);
    }
    headers.insert(API_VERSION, HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let policy = if html || asset {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'"
    };
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    let cache = if refused || written {
        "no-store"
    } else if private {
        "private, no-cache"
    } else {
        "public, max-age=1"
    };
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    }
    headers.append(VARY, HeaderValue::from_static("Accept, Accept-Language, Authorization"));
    response
}

/// W3C Trace Context §3.2: `00-<32 hex>-<16 hex>-<2 hex>`.
fn is_traceparent(value: &HeaderValue) -> bool {
    let lengths = [2, 32, 16, 2];
    let parts: Vec<&[u8]> = value.as_bytes().split(|byte| *byte == b'-').collect();
    let is_hex = |part: &[u8]| part.iter().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte));
    parts.len() == 4 && parts.iter().zip(lengths).all(|(part, length)| part.len() == length && is_hex(part))
}

fn is_https(request: &HttpRequest) -> bool {
    request
        .app_data::<actix_web::web::Data<Specification>>()
        .is_some_and(|specification| specification.base().starts_with("https://"))
}

fn log_access(response: &ServiceResponse<BoxBody>, method: &Method, id: &str, started: Instant) {
    let request = response.request();
    let extensions = request.extensions();
    let tried = || extensions.get::<TriedClient>().map(|tried| tried.0);
    let client = extensions.get::<Principal>().map(|principal| principal.client).or_else(tried);
    log::info!(
        target: "access",
        "{} {} {} {}us client={} request={} trace={} peer={}",
        method,
        request.path(),
        response.status().as_u16(),
        started.elapsed().as_micros(),
        client.map_or_else(|| "-".to_owned(), |client| client.to_string()),
        id,
        request
            .headers()
            .get(TRACEPARENT)
            .filter(|value| is_traceparent(value))
            .and_then(|value| value.to_str().ok())
            .unwrap_or("-"),
        request.peer_addr().map_or_else(|| "-".to_owned(), |peer| peer.ip().to_string()),
    );
}
