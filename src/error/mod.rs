//! Every refusal and failure, and how it reads: one table of codes, RFC 9457 documents in two languages.

mod code;
mod fault;
mod table;

use std::fmt;

use serde_json::{Map, Value};

pub use code::Code;
pub use fault::{Fault, FaultCode};
pub use table::Entry;

use crate::types::Text;

/// Why a request was refused or failed. Rendered as a problem document at the edge, in the reader's language.
#[derive(Debug)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    code: Code,
    detail: Option<Text>,
    faults: Vec<Fault>,
    extensions: Map<String, Value>,
    headers: Vec<(&'static str, String)>,
    cause: Option<String>,
    retryable: bool,
}

/// What every fallible function of the service answers.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn new(code: Code) -> Self {
        Self {
            inner: Box::new(Inner {
                code,
                detail: None,
                faults: Vec::new(),
                extensions: Map::new(),
                headers: Vec::new(),
                cause: None,
                retryable: false,
            }),
        }
    }

    /// A failure of ours: the cause goes to the log, the client learns nothing of the inside.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(Code::Internal).cause(cause)
    }

    /// Not now: the database is away, locked or full. Trying again later may succeed.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self::new(Code::Unavailable).header("Retry-After", "2").cause(cause)
    }

    /// Not now: what the service has for bodies or files is in use.
    pub fn busy() -> Self {
        Self::new(Code::Busy).header("Retry-After", "2")
    }

    /// Running the same transaction again may succeed: the database ended it for another's sake.
    pub fn retryable(mut self) -> Self {
        self.inner.retryable = true;
        self
    }

    pub fn is_retryable(&self) -> bool {
        self.inner.retryable
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// All the broken rules of a request together.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        let mut error = Self::new(Code::ValidationFailed);
        error.inner.faults = faults;
        error
    }

    pub fn detail(mut self, en: impl Into<String>, fr: impl Into<String>) -> Self {
        self.inner.detail = Some(Text::new(en, fr));
        self
    }

    /// The same code, with what is wrong and where.
    pub fn faults(mut self, faults: Vec<Fault>) -> Self {
        self.inner.faults = faults;
        self
    }

    /// The same, with so many faults at the most.
    pub fn at_most(mut self, faults: usize) -> Self {
        self.inner.faults.truncate(faults);
        self
    }

    /// The same, of a part of what was sent: what is wrong is there, below `pointer`.
    pub fn within(mut self, pointer: &str) -> Self {
        for fault in &mut self.inner.faults {
            fault.pointer.insert_str(0, pointer);
        }
        self
    }

    /// An extension member of the problem document (RFC 9457 §3.2).
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.inner.extensions.insert(member.to_owned(), value.into());
        self
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.inner.headers.push((name, value.into()));
        self
    }

    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.inner.cause = Some(cause.to_string());
        self
    }

    pub fn code(&self) -> Code {
        self.inner.code
    }

    pub fn cause_text(&self) -> Option<&str> {
        self.inner.cause.as_deref()
    }

    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.inner.headers
    }

    pub fn fault_list(&self) -> &[Fault] {
        &self.inner.faults
    }

    pub fn detail_text(&self) -> Option<&Text> {
        self.inner.detail.as_ref()
    }

    pub fn extensions(&self) -> &Map<String, Value> {
        &self.inner.extensions
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.inner.code.entry().slug)?;
        let parts = [self.inner.detail.as_ref().map(|text| text.en.as_str()), self.cause_text()];
        for part in parts.into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// `Ok` when nothing is wrong, else every fault in one refusal.
pub fn all_right(faults: Vec<Fault>) -> Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}
