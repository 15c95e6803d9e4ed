//! The orders in which applications are listed.

use crate::http::Order;
use crate::words;

/// In which order applications are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ApplicationOrder {
    #[default]
    Creation,
    CreationReversed,
    Update,
    UpdateReversed,
    Title,
    TitleReversed,
    Requested,
    RequestedReversed,
    Submission,
    SubmissionReversed,
}

words!(ApplicationOrder {
    Creation = "createdAt",
    CreationReversed = "-createdAt",
    Update = "updatedAt": "when what the reader sees last changed",
    UpdateReversed = "-updatedAt",
    Title = "title": "accents and case ignored",
    TitleReversed = "-title",
    Requested = "requested": "what is asked of the co-funders in all",
    RequestedReversed = "-requested",
    Submission = "submittedAt": "drafts last",
    SubmissionReversed = "-submittedAt": "drafts first",
});

/// What orders a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Creation,
    Update,
    Title,
    Requested,
    Submission,
}

impl ApplicationOrder {
    pub const fn key(self) -> Key {
        match self {
            Self::Creation | Self::CreationReversed => Key::Creation,
            Self::Update | Self::UpdateReversed => Key::Update,
            Self::Title | Self::TitleReversed => Key::Title,
            Self::Requested | Self::RequestedReversed => Key::Requested,
            Self::Submission | Self::SubmissionReversed => Key::Submission,
        }
    }
}

impl Order for ApplicationOrder {
    fn is_descending(self) -> bool {
        self.as_str().starts_with('-')
    }
}
