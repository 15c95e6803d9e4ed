//! `/oauth/token` and the documents by which clients discover it.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::web::{Data, Query};
use actix_web::{HttpMessage, HttpRequest, get, post};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{TokenRequest, TokenResponse};
use super::{Client, secret, store};
use crate::auth::{Scope, Scopes, Tokens};
use crate::db::Db;
use crate::error::{Code, Error, Result};
use crate::http::{FormText, Reply, TriedClient};
use crate::types::ClientId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(issue_token).service(get_keys).service(get_server_metadata);
}

/// Get an access token
///
/// OAuth 2.0 client credentials (RFC 6749 §4.4). The client authenticates with HTTP Basic or with `client_id` and
/// `client_secret` in the form. A refusal is a problem document that also carries `error`, RFC 6749's own word.
#[utoipa::path(
    tag = "identity",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "A token.", body = TokenResponse)),
    security(("clientBasic" = []), ())
)]
#[post("/oauth/token")]
async fn issue_token(
    request: HttpRequest,
    body: FormText,
    db: Data<Db>,
    tokens: Data<Tokens>,
) -> Result<Reply> {
    let form = read_form(&body.0)?;
    let credentials = credentials(request.headers(), &form);
    let tried = credentials.as_ref().ok().and_then(|(id, _)| id.parse().ok());
    if let Some(id) = tried {
        request.extensions_mut().insert(TriedClient(id));
    }
    if form.grant_type != "client_credentials" {
        return Err(refusal(Code::InvalidParameter, "unsupported_grant_type"));
    }
    let asked = form.scope.as_deref().map(Scopes::parse).transpose();
    let asked = asked.map_err(|_| refusal(Code::InvalidParameter, "invalid_scope"))?;
    let client = authenticate(&db, tried, &credentials?.1).await?;
    let principal =
        client.principal(asked).ok_or_else(|| refusal(Code::InvalidParameter, "invalid_scope"))?;
    let token = tokens.issue(&principal)?;
    Reply::ok(&TokenResponse {
        access_token: token.text,
        token_type: "Bearer",
        expires_in: token.expires_in,
        scope: principal.scopes.to_string(),
    })
    .map(Reply::never_stored)
}

/// Get the public keys
///
/// A JSON Web Key Set (RFC 7517): with these keys anyone can check an access token.
#[utoipa::path(tag = "identity", responses((status = 200, description = "The keys.", body = Object)))]
#[get("/.well-known/jwks.json")]
async fn get_keys(tokens: Data<Tokens>) -> Result<Reply> {
    Reply::ok(&tokens.jwks())
}

/// Get the authorization server's metadata
///
/// RFC 8414: where the token endpoint and the keys are, and what is supported.
#[utoipa::path(tag = "identity", responses((status = 200, description = "The metadata.", body = Object)))]
#[get("/.well-known/oauth-authorization-server")]
async fn get_server_metadata(tokens: Data<Tokens>) -> Result<Reply> {
    Reply::ok(&metadata(tokens.issuer()))
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/oauth/token"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "scopes_supported": Scope::ALL,
        "response_types_supported": ["none"],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "service_documentation": format!("{issuer}/docs/"),
    })
}

/// A refusal in both vocabularies: ours, and `error` of RFC 6749 §5.2.
fn refusal(code: Code, error: &'static str) -> Error {
    let refused = Error::new(code)
        .detail(
            format!("the token request was refused: {error}"),
            format!("demande de jeton refusée : {error}"),
        )
        .with("error", error);
    if code == Code::InvalidToken {
        return refused.header("WWW-Authenticate", "Basic realm=\"oauth\", charset=\"UTF-8\"");
    }
    refused
}

fn read_form(body: &[u8]) -> Result<TokenRequest> {
    let wrong = || refusal(Code::InvalidParameter, "invalid_request");
    let text = std::str::from_utf8(body).map_err(|_| wrong())?;
    let mut form = Query::<TokenRequest>::from_query(text).map_err(|_| wrong())?.into_inner();
    // RFC 6749 §3.2: a parameter without a value is one that was not sent.
    for parameter in [&mut form.client_id, &mut form.client_secret] {
        parameter.take_if(|value| value.is_empty());
    }
    form.scope.take_if(|scope| scope.trim().is_empty());
    Ok(form)
}

/// Client id and secret, by Basic (RFC 6749 §2.3.1: each part form-encoded) or from the form, never both.
fn credentials(headers: &HeaderMap, form: &TokenRequest) -> Result<(String, String)> {
    let wrong = || refusal(Code::InvalidToken, "invalid_client");
    let posted = form.client_id.clone().zip(form.client_secret.clone());
    match (headers.get(AUTHORIZATION), posted) {
        (Some(_), _) if form.client_secret.is_some() => {
            Err(refusal(Code::InvalidParameter, "invalid_request"))
        }
        (None, Some(posted)) => Ok(posted),
        (None, None) => Err(wrong()),
        (Some(value), _) => {
            let (scheme, encoded) =
                value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(wrong)?;
            let decoded =
                BASE64_STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let decoded = decoded.filter(|_| scheme.eq_ignore_ascii_case("basic")).ok_or_else(wrong)?;
            let (id, secret) = decoded.split_once(':').ok_or_else(wrong)?;
            let (id, secret) = (form_decoded(id), form_decoded(secret));
            // A form may repeat who the client is, not name another.
            if form.client_id.as_ref().is_some_and(|named| *named != id) {
                return Err(refusal(Code::InvalidParameter, "invalid_request"));
            }
            Ok((id, secret))
        }
    }
}

/// One value of `application/x-www-form-urlencoded`.
fn form_decoded(text: &str) -> String {
    let pair = Query::<Vec<(String, String)>>::from_query(&format!("v={}", text.replace('&', "%26")));
    pair.ok().and_then(|pair| pair.into_inner().pop()).map(|(_, value)| value).unwrap_or_default()
}

/// The client with these credentials. Unknown and known ids take the same steps, so that the time of an answer does not
/// reveal which ids exist.
async fn authenticate(db: &Db, id: Option<ClientId>, given: &str) -> Result<Client> {
    let sought = id.unwrap_or_else(ClientId::generate);
    let found = db.read(move |connection| store::find(connection, sought)).await?;
    let expected = found.as_ref().map_or(secret::NEVER, |client| client.secret_sha256.as_str());
    let is_right = secret::verify(given, expected);
    let client = found.filter(|client| is_right && client.revoked_at.is_none());
    client.ok_or_else(|| refusal(Code::InvalidToken, "invalid_client"))
}
