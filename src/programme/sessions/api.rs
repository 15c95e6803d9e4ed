//! Committee sessions, as they are sent and shown.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::http::{duplicates, verdict};
use crate::types::{ApplicationId, CallId, CoFunderId, CommitteeSessionId, Instant};
use crate::words;

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum SessionStatus {
    Planned,
    Open,
    Closed,
}

words!(SessionStatus {
    Planned = "planned" | "prévue": "its date and agenda may change",
    Open = "open" | "ouverte": "the programme it examines is frozen; positions are recorded",
    Closed = "closed" | "close": "its minutes and the programme it left are frozen",
});

/// A session to be held (comité des financeurs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "agenda_is_unique"))]
#[schema(example = json!({
    "title": "Comité des financeurs", "heldAt": "2023-02-09T13:00:00Z", "place": "Hôtel de ville",
    "agenda": ["01890a5d-ac96-774b-bcce-b302099a8061"]
}))]
pub struct SessionInput {
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// When it meets: opinions that come later are late (rule O1).
    pub held_at: Instant,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub place: Option<String>,
    /// The applications it examines, in their order: admissible ones of the call.
    #[schema(min_items = 1, max_items = 5000)]
    pub agenda: Vec<ApplicationId>,
}

fn agenda_is_unique(input: &SessionInput) -> Result<(), ValidationError> {
    verdict(duplicates("/agenda", "", input.agenda.iter()))
}

/// What the minutes say of one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MinutesItem {
    /// One of the agenda.
    pub application_id: ApplicationId,
    #[schema(min_length = 1, max_length = 5000)]
    pub note: String,
}

/// The minutes of a session, as data (relevé de décisions). The positions taken are recorded as lines, not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "minutes_are_unique"))]
#[schema(example = json!({
    "present": ["01890a5d-ac96-774b-bcce-b302099a8058"], "councilPresent": true,
    "remarks": "Le calendrier des délibérations est rappelé.",
    "items": [{"applicationId": "01890a5d-ac96-774b-bcce-b302099a8061", "note": "Budget à préciser."}]
}))]
pub struct Minutes {
    /// The institutions that were there. No names of people.
    #[schema(max_items = 100)]
    pub present: Vec<CoFunderId>,
    #[serde(default)]
    pub council_present: bool,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 20000)]
    pub remarks: Option<String>,
    #[serde(default)]
    #[schema(max_items = 5000)]
    pub items: Vec<MinutesItem>,
}

fn minutes_are_unique(minutes: &Minutes) -> Result<(), ValidationError> {
    let mut faults = duplicates("/present", "", minutes.present.iter());
    faults.extend(duplicates(
        "/items",
        "applicationId",
        minutes.items.iter().map(|item| item.application_id),
    ));
    verdict(faults)
}

/// A session of the funders' committee.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8068", "callId": "01890a5d-ac96-774b-bcce-b302099a8059",
    "status": "planned", "title": "Comité des financeurs", "heldAt": "2023-02-09T13:00:00Z",
    "place": "Hôtel de ville", "agenda": ["01890a5d-ac96-774b-bcce-b302099a8061"], "minutes": null,
    "openedAt": null, "closedAt": null, "createdAt": "2023-01-20T10:00:00Z", "updatedAt": "2023-01-20T10:00:00Z"
}))]
pub struct CommitteeSession {
    pub id: CommitteeSessionId,
    pub call_id: CallId,
    pub status: SessionStatus,
    #[schema(max_length = 200)]
    pub title: String,
    pub held_at: Instant,
    #[schema(required, max_length = 200)]
    pub place: Option<String>,
    #[schema(max_items = 5000)]
    pub agenda: Vec<ApplicationId>,
    /// Once it is closed.
    #[schema(required)]
    pub minutes: Option<Minutes>,
    #[schema(required)]
    pub opened_at: Option<Instant>,
    #[schema(required)]
    pub closed_at: Option<Instant>,
    pub created_at: Instant,
    pub updated_at: Instant,
}
