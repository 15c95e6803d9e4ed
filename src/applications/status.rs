//! Where an application is in its life, and what may follow from there.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text as SqlText;

use crate::words;

/// Where an application is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = SqlText)]
pub enum ApplicationStatus {
    Draft,
    Submitted,
    Returned,
    Admissible,
    Inadmissible,
    Withdrawn,
    Underway,
}

words!(ApplicationStatus {
    Draft = "draft" | "brouillon",
    Submitted = "submitted" | "déposé",
    Returned = "returned" | "renvoyé pour correction": "its applicant corrects it and submits it again",
    Admissible = "admissible" | "recevable",
    Inadmissible = "inadmissible" | "irrecevable",
    Withdrawn = "withdrawn" | "retiré": "by its applicant, before any vote",
    Underway = "underway" | "en cours": "admissible, and a co-funder has voted",
});

impl ApplicationStatus {
    /// In which decisions are recorded (rule D2).
    pub const DECIDED_ON: [Self; 2] = [Self::Admissible, Self::Underway];

    /// Whether its applicant can edit it, and submit it in time.
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }

    /// Whether an instructor can return it; once more too, to say more or to give more time.
    pub const fn is_returnable(self) -> bool {
        matches!(self, Self::Submitted | Self::Returned)
    }

    /// Whether its applicant can withdraw it: received, and no co-funder has voted.
    pub const fn is_withdrawable(self) -> bool {
        matches!(self, Self::Submitted | Self::Returned | Self::Admissible)
    }
}
