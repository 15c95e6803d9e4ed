//! Requests as a partner's system sends them, and answers as it reads them.

use std::collections::BTreeSet;
use std::time::Duration;

use awc::http::{Method, header::HeaderMap};
use futures_util::future::join_all;
use serde_json::Value;

/// A request being put together.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    headers: HeaderMap,
    /// The body; empty where it is no text.
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, base: &str, path: &str) -> Self {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{base}{path}") };
        Self { method: method.parse().unwrap(), url, headers: Vec::new(), body: None }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With an access token.
    pub fn token(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub fn if_match(self, etag: &str) -> Self {
        self.header("If-Match", etag)
    }

    /// With a quoted Idempotency-Key.
    pub fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", &format!("\"{key}\""))
    }

    pub fn french(self) -> Self {
        self.header("Accept-Language", "fr")
    }

    pub fn json(self, body: &Value) -> Self {
        let kind =
            if self.method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        self.body(kind, body.to_string())
    }

    pub fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("Content-Type", kind)
    }

    pub async fn send(&self) -> Answer {
        self.try_send().await.unwrap_or_else(|cause| panic!("{} {}: {cause}", self.method, self.url))
    }

    /// Sends it; an `Err` is a connection that broke, not a refusal.
    pub async fn try_send(&self) -> Result<Answer, String> {
        let client = awc::Client::builder().timeout(Duration::from_secs(30)).disable_redirects().finish();
        let mut request = client.request(self.method.clone(), &self.url);
        for (name, value) in &self.headers {
            request = request.append_header((name.as_str(), value.as_str()));
        }
        let body = self.body.clone().unwrap_or_default();
        let mut response = request.send_body(body).await.map_err(|cause| cause.to_string())?;
        let bytes = response.body().limit(50_000_000).await.map_err(|cause| cause.to_string())?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: String::from_utf8(bytes.to_vec()).unwrap_or_default(),
            bytes: bytes.to_vec(),
        })
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|cause| panic!("{cause}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// All lines of a header, joined as if they were one.
    pub fn list(&self, name: &str) -> String {
        let lines: Vec<&str> = self.headers.get_all(name).map(|value| value.to_str().unwrap()).collect();
        lines.join(", ")
    }

    /// Every header but those that differ from answer to answer.
    pub fn lasting_headers(&self) -> BTreeSet<(String, String)> {
        let changing = ["date", "x-request-id", "access-control-expose-headers"];
        let lasting = self.headers.iter().filter(|(name, _)| !changing.contains(&name.as_str()));
        lasting.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    }

    pub fn etag(&self) -> &str {
        self.header("ETag").unwrap_or_else(|| panic!("no ETag: {self:?}"))
    }

    /// The same answer, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The problem document, if it is one with this status and code.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("Content-Type"), Some("application/problem+json"));
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        problem
    }
}

/// The pointers and codes of a problem's faults.
pub fn faults(problem: &Value) -> Vec<(String, String)> {
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let list = problem["errors"].as_array().cloned().unwrap_or_default();
    list.iter().map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect()
}

/// The pointers and codes of a problem's faults, in order: to be compared with `told`.
pub fn sorted_faults(problem: &Value) -> Vec<(String, String)> {
    let mut list = faults(problem);
    list.sort();
    list
}

/// Pointers and codes that are expected, in order.
pub fn told(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut list: Vec<_> = list.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
    list.sort();
    list
}

/// Sends all of them before any is answered.
pub async fn at_once(requests: impl IntoIterator<Item = Request>) -> Vec<Answer> {
    join_all(requests.into_iter().map(|request| async move { request.send().await })).await
}

/// How many of the answers have this status.
pub fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// The items of a list.
pub fn items(list: &Value) -> Vec<Value> {
    list["items"].as_array().cloned().unwrap_or_else(|| panic!("no list: {list}"))
}
