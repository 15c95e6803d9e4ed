//! The problem codes. What each means is in the table.

/// What went wrong, as a word clients can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    MalformedJson,
    MalformedCsv,
    InvalidParameter,
    InvalidCursor,
    InvalidToken,
    InsufficientScope,
    NotYourLine,
    NotYourInstitution,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    RequestTimeout,
    Conflict,
    IdempotencyInProgress,
    EnvelopeExceeded,
    BudgetExceeded,
    PublicShareExceeded,
    PaymentExceeded,
    ConditionsUnmet,
    BatchRefused,
    InvalidTransition,
    ContractInForce,
    AmendmentSigned,
    CallNotOpen,
    NotAdmissible,
    PreconditionFailed,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
    IdempotencyKeyReused,
    PreconditionRequired,
    Internal,
    Unavailable,
    Busy,
}

impl Code {
    pub const ALL: [Self; 34] = [
        Self::MalformedJson,
        Self::MalformedCsv,
        Self::InvalidParameter,
        Self::InvalidCursor,
        Self::InvalidToken,
        Self::InsufficientScope,
        Self::NotYourLine,
        Self::NotYourInstitution,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::RequestTimeout,
        Self::Conflict,
        Self::IdempotencyInProgress,
        Self::EnvelopeExceeded,
        Self::BudgetExceeded,
        Self::PublicShareExceeded,
        Self::PaymentExceeded,
        Self::ConditionsUnmet,
        Self::BatchRefused,
        Self::InvalidTransition,
        Self::ContractInForce,
        Self::AmendmentSigned,
        Self::CallNotOpen,
        Self::NotAdmissible,
        Self::PreconditionFailed,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::ValidationFailed,
        Self::IdempotencyKeyReused,
        Self::PreconditionRequired,
        Self::Internal,
        Self::Unavailable,
        Self::Busy,
    ];

    /// The code that a slug names.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.entry().slug == slug)
    }

    /// The general code of a status the framework chose by itself.
    pub fn from_status(status: u16) -> Self {
        match status {
            401 => Self::InvalidToken,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            406 => Self::NotAcceptable,
            408 => Self::RequestTimeout,
            413 => Self::PayloadTooLarge,
            415 => Self::UnsupportedMediaType,
            503 => Self::Unavailable,
            400..=499 => Self::InvalidParameter,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_and_statuses_are_distinct_words_and_errors() {
        for code in Code::ALL {
            assert_eq!(Code::from_slug(code.entry().slug), Some(code));
            assert!((400..600).contains(&code.entry().status));
        }
    }
}
