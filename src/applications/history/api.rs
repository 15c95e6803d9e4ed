//! The history of an application, as it is shown.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::events::Event;
use crate::types::{ClientId, EventId, Instant};

/// One field that changed. Money is `4000.00 EUR`; other values are as in JSON, texts without quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldChange {
    /// Where: a JSON pointer (RFC 6901) into the application.
    #[schema(max_length = 200)]
    pub pointer: String,
    /// What it was; null when there was nothing.
    #[schema(required, max_length = 20000)]
    pub before: Option<String>,
    /// What it became; null when nothing is there any more.
    #[schema(required, max_length = 20000)]
    pub after: Option<String>,
}

/// One thing that happened to an application.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8081", "event": "application.updated", "at": "2022-10-21T09:30:00Z",
    "clientId": "01890a5d-ac96-774b-bcce-b302099a8082", "clientName": "Les Jardins partagés (exemple)",
    "changes": [{"pointer": "/title", "before": "Un jardin", "after": "Un jardin pour tous"}], "data": null
}))]
pub struct HistoryEntry {
    pub id: EventId,
    pub event: Event,
    pub at: Instant,
    /// The client that did it; null for the applicant where it is not a client of its own organisation.
    #[schema(required)]
    pub client_id: Option<ClientId>,
    /// The name of that client; null where `clientId` is.
    #[schema(required, max_length = 200)]
    pub client_name: Option<String>,
    /// What became of the content, field by field; empty for what does not touch it.
    #[schema(max_items = 5000)]
    pub changes: Vec<FieldChange>,
    /// What was said with it: the receipt, the reasons of a return, a judgement, an attachment; null for what changes the content.
    #[schema(required, value_type = Option<Object>)]
    pub data: Option<Value>,
}
