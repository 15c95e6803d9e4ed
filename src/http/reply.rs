//! What a handler answers: status, body and validators, ready to be sent or kept for a replay.

use actix_web::body::{BoxBody, MessageBody, SizedStream};
use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use futures_util::stream;
use serde::{Deserialize, Serialize};

use super::ETag;
use super::gate::quality;
use crate::error::{Error, Result};
use crate::words;

/// The two ways a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Csv,
}

words!(Format { Json = "json", Csv = "csv" });

impl Format {
    /// What was named in the query, else what `Accept` prefers; JSON when it prefers neither.
    pub fn wanted(request: &HttpRequest, named: Option<Self>) -> Self {
        let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
        named.unwrap_or_else(|| match accept {
            Some(list) if quality(list, "text/csv") > quality(list, "application/json") => Self::Csv,
            _ => Self::Json,
        })
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// A finished answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    status: u16,
    media_type: String,
    etag: Option<String>,
    location: Option<String>,
    link: Option<String>,
    disposition: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cache: Option<String>,
    body: String,
}

impl Reply {
    fn json(status: u16, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        Ok(Self::text(status, Format::Json.media_type(), body))
    }

    fn text(status: u16, media_type: &str, body: String) -> Self {
        let media_type = media_type.to_owned();
        Self {
            status,
            media_type,
            etag: None,
            location: None,
            link: None,
            disposition: None,
            cache: None,
            body,
        }
    }

    pub fn body(&self) -> &str {
        &self.body
    }

    /// 200 with a representation; its entity tag is a digest unless `etag` gives one.
    pub fn ok(body: &impl Serialize) -> Result<Self> {
        Self::json(200, body)
    }

    /// 201 with the new resource and its address.
    pub fn created(location: String, body: &impl Serialize) -> Result<Self> {
        let mut reply = Self::json(201, body)?;
        reply.location = Some(location);
        Ok(reply)
    }

    /// Where what is answered is to be found again.
    pub fn location(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    /// 204: done, and there is nothing to show.
    pub fn nothing() -> Self {
        Self::text(204, "", String::new())
    }

    /// 200 with text of another media type.
    pub fn document(media_type: &str, body: String) -> Self {
        Self::text(200, media_type, body)
    }

    /// 200 with a table, named as a file for those who save it.
    pub fn csv(file_name: &str, body: String) -> Self {
        let mut reply = Self::text(200, Format::Csv.media_type(), body);
        reply.disposition = Some(format!("attachment; filename=\"{file_name}\""));
        reply
    }

    pub fn etag(mut self, etag: &ETag) -> Self {
        self.etag = Some(etag.quoted());
        self
    }

    /// `Link: <url>; rel="next"` (RFC 8288).
    pub fn next(mut self, url: Option<&str>) -> Self {
        self.link = url.map(|url| format!("<{url}>; rel=\"next\""));
        self
    }

    /// For what no cache may keep.
    pub fn never_stored(mut self) -> Self {
        self.cache = Some("no-store".to_owned());
        self
    }

    fn is_unchanged_for(&self, request: &HttpRequest, etag: &str) -> bool {
        let bare = etag.trim_matches('"').to_owned();
        self.status == 200 && ETag::bare(bare).is_known_to(request)
    }
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let etag = self.etag.clone().unwrap_or_else(|| ETag::of_bytes(self.body.as_bytes()).quoted());
        if self.is_unchanged_for(request, &etag) {
            let mut unchanged = HttpResponse::NotModified();
            unchanged.insert_header((header::ETAG, etag));
            if let Some(cache) = self.cache {
                unchanged.insert_header((header::CACHE_CONTROL, cache));
            }
            return unchanged.finish();
        }
        if self.status == 204 {
            return HttpResponse::NoContent().finish();
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, self.media_type));
        response.insert_header((header::ETAG, etag));
        let optional = [
            (header::LOCATION, self.location),
            (header::LINK, self.link),
            (header::CONTENT_DISPOSITION, self.disposition),
            (header::CACHE_CONTROL, self.cache),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                response.insert_header((name, value));
            }
        }
        response.body(sliced(Bytes::from(self.body)))
    }
}

/// What is written to a connection at once, in bytes.
const SLICE: usize = 32 * 1_024;

/// A body that is written slice by slice: actix-http copies what it is given, and a client that does not read would hold a
/// copy of all of it.
fn sliced(body: Bytes) -> BoxBody {
    if body.len() <= SLICE {
        return body.boxed();
    }
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let slices = stream::unfold(body, |mut rest| async {
        let slice = rest.split_to(SLICE.min(rest.len()));
        (!slice.is_empty()).then_some((Ok::<_, Error>(slice), rest))
    });
    SizedStream::new(length, Box::pin(slices)).boxed()
}

/// A document that all readers share, with its entity tag.
#[derive(Debug, Clone)]
pub struct Published {
    media_type: &'static str,
    etag: ETag,
    body: Bytes,
}

impl Published {
    pub fn new(media_type: &'static str, body: String) -> Self {
        Self { media_type, etag: ETag::of_bytes(body.as_bytes()), body: Bytes::from(body) }
    }
}

impl Responder for Published {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let etag = (header::ETAG, self.etag.quoted());
        if self.etag.is_known_to(request) {
            return HttpResponse::NotModified().insert_header(etag).finish();
        }
        HttpResponse::Ok().content_type(self.media_type).insert_header(etag).body(sliced(self.body))
    }
}
