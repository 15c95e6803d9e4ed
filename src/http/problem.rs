//! Problem documents (RFC 9457), in the reader's language.

use std::future::{Ready, ready};

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::{Ref, schema::Array};

use super::edge::RequestId;
use super::{Language, Specification};
use crate::error::{Code, Error};
use crate::types::TotalAmount;

/// Why a request was refused or failed (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "type": "http://127.0.0.1:8080/problems/validation-failed",
    "title": "Some of it is not valid",
    "status": 422,
    "detail": "`errors` lists every fault found, each with a JSON pointer into the body. Nothing was changed.",
    "instance": "/v1/co-funders",
    "code": "validation-failed",
    "requestId": "01890a5d-ac96-774b-bcce-b302099a8057",
    "errors": [{"pointer": "/name", "code": "required", "detail": "is required"}]
}))]
pub struct Problem {
    /// An address of this service that documents the problem.
    #[serde(rename = "type")]
    #[schema(format = "uri", max_length = 2000)]
    kind: String,
    /// The kind of problem, in words.
    #[schema(max_length = 200)]
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened this time.
    #[schema(max_length = 4000)]
    detail: String,
    /// The path that was asked for.
    #[schema(max_length = 8000, pattern = "^[^\\u0000]*$")]
    instance: String,
    /// The kind of problem, as a stable word.
    #[schema(max_length = 40)]
    code: &'static str,
    /// Quote it when you report a failure.
    #[schema(max_length = 128)]
    request_id: String,
    /// Every fault found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    errors: Vec<ProblemFault>,
    /// What is left for the refused line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<TotalAmount>, nullable = false)]
    remaining: Option<Value>,
    /// What is granted already out of the refused part of an envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<TotalAmount>, nullable = false)]
    committed: Option<Value>,
    /// What became of the lines that are refused, where all were to be kept or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = line_results)]
    results: Option<Value>,
    /// The line of the file at which it cannot be read as CSV, counted from 1 as a text editor does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, nullable = false, minimum = 1, maximum = 4_194_305)]
    line: Option<Value>,
    /// Rows below the header that were read before that line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, nullable = false, minimum = 0, maximum = 4_194_304)]
    records_read: Option<Value>,
    /// The scopes, any of which would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, max_length = 400)]
    scope: Option<Value>,
    #[serde(flatten)]
    #[schema(ignore)]
    extensions: Map<String, Value>,
}

/// A list of the results of lines, whose schema belongs to a later slice.
fn line_results() -> Array {
    Array::builder().items(Ref::from_schema_name("LineResult")).max_items(Some(1_000)).build()
}

/// One fault of a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"pointer": "/name", "code": "required", "detail": "is required"}))]
pub struct ProblemFault {
    /// Where: a JSON pointer (RFC 6901) into the body, or the name of a parameter.
    #[schema(max_length = 2000)]
    pointer: String,
    /// What, as a stable word.
    #[schema(max_length = 40)]
    code: &'static str,
    /// What, as a sentence.
    #[schema(max_length = 2000)]
    detail: String,
}

impl Problem {
    /// The document of an error. A 5xx tells nothing of the inside.
    pub fn new(error: &Error, language: Language, base: &str, instance: &str, request_id: &str) -> Self {
        let entry = error.code().entry();
        let told = error.detail_text().filter(|_| entry.status < 500);
        let about = language.pick(entry.about_en, entry.about_fr);
        let mut extensions = error.extensions().clone();
        Self {
            kind: format!("{base}/problems/{}", entry.slug),
            title: language.pick(entry.title_en, entry.title_fr).to_owned(),
            status: entry.status,
            detail: told.map_or(about, |text| language.choose(text)).to_owned(),
            instance: instance.chars().take(8000).collect(),
            code: entry.slug,
            request_id: request_id.to_owned(),
            errors: error
                .fault_list()
                .iter()
                .take(1_000)
                .map(|fault| ProblemFault {
                    pointer: fault.pointer.chars().map(visible).take(2000).collect(),
                    code: fault.code.slug(),
                    detail: language.choose(&fault.detail).to_owned(),
                })
                .collect(),
            remaining: extensions.remove("remaining"),
            committed: extensions.remove("committed"),
            results: extensions.remove("results"),
            line: extensions.remove("line"),
            records_read: extensions.remove("recordsRead"),
            scope: extensions.remove("scope"),
            extensions,
        }
    }

    /// What the document says to its client.
    pub fn response(&self, error: &Error, language: Language) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        for (name, value) in error.headers() {
            response.insert_header((*name, value.as_str()));
        }
        if status == StatusCode::UNAUTHORIZED && error.headers().is_empty() {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let body = serde_json::to_string(self).unwrap_or_default();
        response
            .insert_header((header::CONTENT_TYPE, "application/problem+json"))
            .insert_header((header::CONTENT_LANGUAGE, language.tag()))
            .body(body)
    }
}

/// What tells the problems of a request: in its language, under its id.
#[derive(Debug, Clone)]
pub struct Teller {
    language: Language,
    base: String,
    instance: String,
    request_id: String,
}

impl Teller {
    pub fn of(request: &HttpRequest) -> Self {
        let specification = request.app_data::<Data<Specification>>();
        let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
        Self {
            language: Language::of(request.headers()),
            base: specification.map_or_else(String::new, |specification| specification.base().to_owned()),
            instance: request.path().to_owned(),
            request_id: id.unwrap_or_default(),
        }
    }

    pub const fn language(&self) -> Language {
        self.language
    }

    pub fn tell(&self, error: &Error) -> Problem {
        Problem::new(error, self.language, &self.base, &self.instance, &self.request_id)
    }
}

impl FromRequest for Teller {
    type Error = Error;
    type Future = Ready<std::result::Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// A name that a client made up may hold anything; what cannot be shown is replaced.
fn visible(character: char) -> char {
    if character.is_control() { char::REPLACEMENT_CHARACTER } else { character }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().entry().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Only the status: the document is written at the edge, which knows the request.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

/// The general error of a status that the framework chose by itself.
pub(super) fn of_status(status: StatusCode) -> Error {
    Error::new(Code::from_status(status.as_u16()))
}
