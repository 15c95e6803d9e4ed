//! Strong entity tags (RFC 9110 §8.8.3), made of a row's version.

use std::fmt;

use actix_web::HttpRequest;
use actix_web::http::header::IF_NONE_MATCH;
use aws_lc_rs::digest;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::error::{Error, Result};

/// An entity tag, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of a row whose representation depends on its version alone.
    pub fn version(version: i64) -> Self {
        Self(version.to_string())
    }

    /// The tag of a representation that also depends on something else, a date or the clock.
    pub fn version_and(version: i64, other: impl fmt::Display) -> Self {
        Self(format!("{version}-{other}"))
    }

    /// The tag of a representation that joins several rows: a digest of the JSON it is.
    pub fn of(view: &impl Serialize) -> Result<Self> {
        serde_json::to_vec(view).map(|bytes| Self::of_bytes(&bytes)).map_err(Error::internal)
    }

    /// The tag of a representation that has no version of its own, a list for instance: a digest of its bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::of_digest(&digest::digest(&digest::SHA256, bytes))
    }

    /// The same of bytes that were hashed as they went by.
    pub fn of_digest(digest: &digest::Digest) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(digest.as_ref().get(..16).unwrap_or_default()))
    }

    /// The tag of bytes whose SHA-256 is known, in hexadecimal.
    pub fn of_sha256(digest: &str) -> Self {
        Self(digest.to_owned())
    }

    /// A tag that was made before, without its quotes.
    pub(super) fn bare(tag: String) -> Self {
        Self(tag)
    }

    /// The quoted form that goes into headers.
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }

    /// Whether `If-None-Match` names this tag; weak comparison, as RFC 9110 §13.1.2 has it.
    pub fn is_in(&self, list: &str) -> bool {
        let quoted = self.quoted();
        list.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == quoted)
    }

    /// Whether a request that reads names this tag in `If-None-Match`: nothing need be sent.
    pub(super) fn is_known_to(&self, request: &HttpRequest) -> bool {
        let known = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
        request.method().is_safe() && known.into_iter().any(|list| self.is_in(list))
    }

    /// Whether `If-Match` names this tag; strong comparison, as RFC 9110 §13.1.1 has it.
    pub fn is_strongly_in(&self, list: &str) -> bool {
        let quoted = self.quoted();
        list.split(',').map(str::trim).any(|tag| tag == "*" || tag == quoted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_follow_rfc_9110() {
        let tag = ETag::version(3);
        assert!(tag.is_in("\"2\", W/\"3\"") && tag.is_in("*"));
        assert!(tag.is_strongly_in("\"3\"") && !tag.is_strongly_in("W/\"3\"") && !tag.is_strongly_in("3"));
    }
}
