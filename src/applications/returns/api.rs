//! Returns, as they are sent and shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::types::{ApplicationId, ApplicationReturnId, Instant};

/// Why one field needs correcting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReturnReason {
    /// Where: a JSON pointer (RFC 6901) into the application; empty for all of it.
    #[schema(max_length = 200, format = "line", pattern = "^(/[^\\u0000]*)?$")]
    pub pointer: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub comment: String,
}

/// An application to be returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "reasons": [{"pointer": "/budget/charges/0/amount", "comment": "Merci de joindre le devis correspondant."}],
    "correctBy": "2022-12-05T22:59:59Z"
}))]
pub struct ReturnInput {
    #[schema(min_items = 1, max_items = 100)]
    pub reasons: Vec<ReturnReason>,
    /// Until then the corrected application is received, even when the call has closed. In the future.
    pub correct_by: Instant,
}

/// A return for correction.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8062", "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061",
    "reasons": [{"pointer": "/budget/charges/0/amount", "comment": "Merci de joindre le devis correspondant."}],
    "correctBy": "2022-12-05T22:59:59Z", "returnedAt": "2022-11-21T09:30:00Z"
}))]
pub struct Return {
    pub id: ApplicationReturnId,
    pub application_id: ApplicationId,
    #[schema(max_items = 100)]
    pub reasons: Vec<ReturnReason>,
    pub correct_by: Instant,
    pub returned_at: Instant,
}
