//! One thing wrong in a request: where it is, what it is, and the sentence that says so.

use chrono::NaiveDate;

use crate::types::{Instant, Text};

/// What is wrong with a value, as a word clients can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultCode {
    Required,
    UnknownField,
    UnknownParameter,
    RepeatedParameter,
    WrongType,
    WrongFormat,
    NotAllowedValue,
    TooLong,
    TooShort,
    TooLarge,
    TooSmall,
    TooMany,
    TooFew,
    Duplicate,
    PeriodOrder,
    UnknownReference,
    NotApplicable,
    OutsidePeriod,
    MissingEnvelope,
    Unbalanced,
    RequestMismatch,
    ReasonRequired,
    AmountNotAllowed,
    InTheFuture,
    InThePast,
    ForbiddenCharacter,
}

impl FaultCode {
    pub const ALL: [Self; 26] = [
        Self::Required,
        Self::UnknownField,
        Self::UnknownParameter,
        Self::RepeatedParameter,
        Self::WrongType,
        Self::WrongFormat,
        Self::NotAllowedValue,
        Self::TooLong,
        Self::TooShort,
        Self::TooLarge,
        Self::TooSmall,
        Self::TooMany,
        Self::TooFew,
        Self::Duplicate,
        Self::PeriodOrder,
        Self::UnknownReference,
        Self::NotApplicable,
        Self::OutsidePeriod,
        Self::MissingEnvelope,
        Self::Unbalanced,
        Self::RequestMismatch,
        Self::ReasonRequired,
        Self::AmountNotAllowed,
        Self::InTheFuture,
        Self::InThePast,
        Self::ForbiddenCharacter,
    ];

    pub const fn slug(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::UnknownField => "unknown-field",
            Self::UnknownParameter => "unknown-parameter",
            Self::RepeatedParameter => "repeated-parameter",
            Self::WrongType => "wrong-type",
            Self::WrongFormat => "wrong-format",
            Self::NotAllowedValue => "not-allowed-value",
            Self::TooLong => "too-long",
            Self::TooShort => "too-short",
            Self::TooLarge => "too-large",
            Self::TooSmall => "too-small",
            Self::TooMany => "too-many",
            Self::TooFew => "too-few",
            Self::Duplicate => "duplicate",
            Self::PeriodOrder => "period-order",
            Self::UnknownReference => "unknown-reference",
            Self::NotApplicable => "not-applicable",
            Self::OutsidePeriod => "outside-period",
            Self::MissingEnvelope => "missing-envelope",
            Self::Unbalanced => "unbalanced",
            Self::RequestMismatch => "request-mismatch",
            Self::ReasonRequired => "reason-required",
            Self::AmountNotAllowed => "amount-not-allowed",
            Self::InTheFuture => "in-the-future",
            Self::InThePast => "in-the-past",
            Self::ForbiddenCharacter => "forbidden-character",
        }
    }
}

/// One thing wrong, and where: a JSON pointer (RFC 6901) into the body, or the name of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub pointer: String,
    pub code: FaultCode,
    pub detail: Text,
}

impl Fault {
    pub fn new(
        pointer: impl Into<String>,
        code: FaultCode,
        en: impl Into<String>,
        fr: impl Into<String>,
    ) -> Self {
        Self { pointer: pointer.into(), code, detail: Text::new(en, fr) }
    }

    pub fn required(pointer: impl Into<String>) -> Self {
        Self::new(pointer, FaultCode::Required, "is required", "est obligatoire")
    }

    /// A value that names nothing known where it stands; what it should name, in English and in French.
    pub fn unknown(
        pointer: impl Into<String>,
        (what, quoi): (&str, &str),
        named: impl std::fmt::Display,
    ) -> Self {
        let en = format!("names no known {what}: {named}");
        let fr = format!("ne désigne rien de connu comme {quoi} : {named}");
        Self::new(pointer, FaultCode::UnknownReference, en, fr)
    }

    /// Refuses the day of an act, a signature, a payment or a report that has not begun anywhere yet.
    pub fn future_day(pointer: impl Into<String>, day: NaiveDate, now: Instant) -> Option<Self> {
        let is_future = day > now.latest_date();
        is_future.then(|| Self::new(pointer, FaultCode::InTheFuture, "is in the future", "est dans le futur"))
    }

    pub fn duplicate(pointer: impl Into<String>, what: impl std::fmt::Display) -> Self {
        let (en, fr) = (format!("is given twice: {what}"), format!("est donné deux fois : {what}"));
        Self::new(pointer, FaultCode::Duplicate, en, fr)
    }

    /// A text that holds a character it may not hold; the position counts characters from 1.
    pub fn forbidden_character(pointer: impl Into<String>, position: usize, character: char) -> Self {
        let (en, fr) = match character {
            '\n' => (
                "a line break, and must be written on one line",
                "un saut de ligne ; il doit tenir sur une ligne",
            ),
            '\t' => ("a tab, which is not allowed here", "une tabulation, qui n’est pas permise ici"),
            _ => (
                "an invisible character, which is not allowed",
                "un caractère invisible, qui n’est pas permis",
            ),
        };
        let code = format!("U+{:04X}", u32::from(character));
        let en = format!("holds at position {position} ({code}) {en}");
        let fr = format!("contient à la position {position} ({code}) {fr}");
        Self::new(pointer, FaultCode::ForbiddenCharacter, en, fr)
    }
}
