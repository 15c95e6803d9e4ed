//! Commitments and the reports on them, as they are sent and shown.

use chrono::NaiveDate;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::types::{CoFunderId, CommitmentReportId, Instant};
use crate::words;

/// How far a commitment is kept, in the words of its party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum CommitmentState {
    Planned,
    Underway,
    Delayed,
    Fulfilled,
    Abandoned,
}

words!(CommitmentState {
    Planned = "planned" | "prévu": "nothing has begun yet",
    Underway = "underway" | "en cours",
    Delayed = "delayed" | "en retard": "underway, and behind what was meant",
    Fulfilled = "fulfilled" | "tenu",
    Abandoned = "abandoned" | "abandonné": "it will not be kept",
});

/// What a party reports on its own commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "state": "underway", "note": "Deux permanences ouvertes sur trois.", "reportedOn": "2021-06-30"
}))]
pub struct CommitmentReportInput {
    pub state: CommitmentState,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
    /// The day it is true of: not in the future, and the commitment in force on it.
    pub reported_on: NaiveDate,
}

/// What a party reported on its commitment. Reports are added, never changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8071", "commitment": "ville-5", "state": "underway",
    "note": "Deux permanences ouvertes sur trois.", "reportedOn": "2021-06-30", "recordedAt": "2021-07-02T08:00:00Z"
}))]
pub struct CommitmentReport {
    pub id: CommitmentReportId,
    /// The code of the commitment.
    #[schema(max_length = 60)]
    pub commitment: String,
    pub state: CommitmentState,
    #[schema(max_length = 2000)]
    pub note: String,
    pub reported_on: NaiveDate,
    pub recorded_at: Instant,
}

/// A commitment (engagement) in force, with what its party last reported.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "code": "ville-5", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8057", "challenge": 5,
    "text": "Ouvrir trois permanences d’accès aux droits.", "lastReport": null
}))]
pub struct Commitment {
    #[schema(max_length = 60)]
    pub code: String,
    /// The party.
    pub co_funder_id: CoFunderId,
    /// The number of the challenge it serves.
    #[schema(minimum = 1, maximum = 99)]
    pub challenge: i32,
    #[schema(max_length = 2000)]
    pub text: String,
    /// By the day it is read at; null while nothing was reported.
    #[schema(required)]
    pub last_report: Option<CommitmentReport>,
}
