//! `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header): the reply of a command is kept in the
//! command's own transaction, so a retry after a lost answer gets that answer and does nothing twice.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::HeaderMap;
use diesel::prelude::*;

use super::Reply;
use crate::db::schema::idempotency_keys::dsl;
use crate::db::{DbConnection, Json};
use crate::error::{Code, Error, Fault, FaultCode, Result};
use crate::types::{ClientId, Instant};

/// How long a reply is kept for a replay: seven days.
const KEPT_SECONDS: i64 = 7 * 24 * 3_600;
const LONGEST: usize = 255;

/// The key of a request, unquoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Reads the header: one RFC 8941 string, `"…"`, of 1 to 255 printable ASCII characters.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>> {
        let mut values = headers.get_all("idempotency-key");
        let Some(value) = values.next() else { return Ok(None) };
        let unquoted = value.to_str().ok().and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"'));
        let key = unquoted.and_then(unescape).filter(|key| (1..=LONGEST).contains(&key.len()));
        match (key, values.next()) {
            (Some(key), None) => Ok(Some(Self(key))),
            _ => Err(Error::new(Code::InvalidParameter).faults(vec![Fault::new(
                "Idempotency-Key",
                FaultCode::WrongFormat,
                "must be one quoted string of 1 to 255 ASCII characters, for example \"8e03978e-40d5\"",
                "doit être une seule chaîne entre guillemets de 1 à 255 caractères ASCII, par exemple \"8e03978e-40d5\"",
            )])),
        }
    }
}

/// The characters of an RFC 8941 string between its quotes.
fn unescape(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => plain.push(characters.next().filter(|next| matches!(next, '"' | '\\'))?),
            ' '..='~' => plain.push(character),
            _ => return None,
        }
    }
    Some(plain)
}

/// The keys whose first request is still running in this process.
#[derive(Debug, Clone, Default)]
pub struct Running(Arc<Mutex<HashSet<(ClientId, String)>>>);

/// The right to run a key's request; given back when dropped.
#[derive(Debug)]
pub struct Claim {
    running: Running,
    key: (ClientId, String),
}

impl Running {
    /// Refuses with 409 while the first request with this key runs.
    pub fn claim(&self, client: ClientId, key: &Key) -> Result<Claim> {
        let key = (client, key.0.clone());
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        if first {
            Ok(Claim { running: self.clone(), key })
        } else {
            Err(Error::new(Code::IdempotencyInProgress).header("Retry-After", "1"))
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// The kept reply of this key, if the request is the same one; 422 if it is another.
pub fn find(tx: &mut DbConnection, client: ClientId, key: &Key, fingerprint: &str) -> Result<Option<Reply>> {
    let kept: Option<(String, Json<Reply>)> = dsl::idempotency_keys
        .find((client, &key.0))
        .select((dsl::fingerprint, dsl::reply))
        .first(tx)
        .optional()?;
    match kept {
        Some((first, reply)) if first == fingerprint => Ok(Some(reply.into_inner())),
        Some(_) => Err(Error::new(Code::IdempotencyKeyReused)),
        None => Ok(None),
    }
}

/// Whether a reply is kept under this key, whatever the request was.
pub fn is_kept(connection: &mut DbConnection, client: ClientId, key: &Key) -> Result<bool> {
    let row = dsl::idempotency_keys.find((client, &key.0));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(connection)?)
}

/// Takes the key before anything else is done: of two processes that run it at once, the unique index lets one
/// through; the other waits, is run again and finds the reply.
pub fn reserve(
    tx: &mut DbConnection,
    client: ClientId,
    key: &Key,
    fingerprint: &str,
    now: Instant,
) -> Result<()> {
    let forgotten = dsl::created_at.lt(now.plus_seconds(-KEPT_SECONDS));
    diesel::delete(dsl::idempotency_keys.filter(forgotten)).execute(tx)?;
    diesel::insert_into(dsl::idempotency_keys)
        .values((
            dsl::client_id.eq(client),
            dsl::idempotency_key.eq(&key.0),
            dsl::fingerprint.eq(fingerprint),
            dsl::reply.eq(""),
            dsl::created_at.eq(now),
        ))
        .execute(tx)
        .map_err(|cause| Error::from(cause).retryable())?;
    Ok(())
}

/// Keeps the reply under the key that was taken.
pub fn keep(tx: &mut DbConnection, client: ClientId, key: &Key, reply: &Reply) -> Result<()> {
    let row = dsl::idempotency_keys.find((client, &key.0));
    diesel::update(row).set(dsl::reply.eq(Json::new(reply.clone())?)).execute(tx)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn of(value: &'static str) -> Option<Key> {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("idempotency-key"), HeaderValue::from_static(value));
        Key::of(&headers).ok().flatten()
    }

    #[test]
    fn a_key_is_one_quoted_string() {
        assert_eq!(of("\"abc\""), Some(Key("abc".to_owned())));
        assert_eq!(of(r#""a\"b\\""#), Some(Key(r#"a"b\"#.to_owned())));
        for wrong in ["abc", "\"\"", "\"a", "\"a\"b\"", "\"a\\x\"", "\"a\", \"b\""] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
