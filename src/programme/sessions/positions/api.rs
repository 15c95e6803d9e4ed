//! Positions, as they are sent and shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decisions::{DecisionInput, LineResult};
use crate::types::{ApplicationId, ClientId, CoFunderId, CommitteePositionId, CommitteeSessionId, Instant};

/// What a co-funder said of an application in the session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PositionLine {
    /// One of the agenda.
    pub application_id: ApplicationId,
    pub co_funder_id: CoFunderId,
    /// The `ETag` of the line it changes; `*` for whatever it is now.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub if_match: Option<String>,
    /// At most `agreed`: a vote is each institution's own.
    #[validate(nested)]
    pub decision: DecisionInput,
}

/// Positions taken in a session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"positions": [{
    "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
    "decision": {
        "firmness": "agreed", "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream"
    }
}]}))]
pub struct PositionsInput {
    #[schema(min_items = 1, max_items = 1000)]
    #[validate(nested)]
    pub positions: Vec<PositionLine>,
}

/// What became of the positions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PositionsRecorded {
    pub session_id: CommitteeSessionId,
    /// One for each position, in their order.
    #[schema(max_items = 1000)]
    pub results: Vec<LineResult>,
}

/// What a co-funder said of an application in a committee session.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8069", "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061",
    "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
    "line": {"firmness": "agreed", "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream"},
    "recordedBy": "01890a5d-ac96-774b-bcce-b302099a8062", "recordedAt": "2023-02-09T14:00:00Z"
}))]
pub struct Position {
    pub id: CommitteePositionId,
    pub application_id: ApplicationId,
    pub co_funder_id: CoFunderId,
    pub line: DecisionInput,
    /// The client that recorded it.
    pub recorded_by: ClientId,
    pub recorded_at: Instant,
}
