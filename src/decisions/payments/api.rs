//! Payments, as they are sent and shown.

use chrono::NaiveDate;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::error::{Fault, FaultCode};
use crate::http::verdict;
use crate::types::{ApplicationId, ClientId, CoFunderId, Instant, Money, PaymentId};
use crate::words;

/// What kind of payment it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum PaymentKind {
    Advance,
    Instalment,
    Balance,
    Recovery,
}

words!(PaymentKind {
    Advance = "advance" | "avance": "before the action",
    Instalment = "instalment" | "acompte": "while it goes on",
    Balance = "balance" | "solde": "the last one",
    Recovery = "recovery" | "reversement": "given back by the organisation: it lowers what has been paid",
});

/// A payment to be recorded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "is_something"))]
#[schema(example = json!({
    "kind": "advance", "amount": {"amount": "2000.00", "currency": "EUR"}, "paidOn": "2023-04-03",
    "reference": "MDT-2023-1187"
}))]
pub struct PaymentInput {
    pub kind: PaymentKind,
    /// More than nothing, a recovery too.
    pub amount: Money,
    /// The day the money left, or came back.
    pub paid_on: NaiveDate,
    /// The co-funder's own reference of it (mandat, titre): one of a line never names two payments.
    #[schema(min_length = 1, max_length = 100, format = "reference")]
    pub reference: String,
}

fn is_something(input: &PaymentInput) -> Result<(), ValidationError> {
    let nothing = input.amount == Money::ZERO;
    let fault = nothing.then(|| Fault::new("/amount", FaultCode::TooSmall, "is nothing", "est nul"));
    verdict(fault.into_iter().collect())
}

/// A payment on a line (versement).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8066", "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061",
    "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058", "kind": "advance",
    "amount": {"amount": "2000.00", "currency": "EUR"}, "paidOn": "2023-04-03", "reference": "MDT-2023-1187",
    "recordedBy": "01890a5d-ac96-774b-bcce-b302099a8062", "recordedAt": "2023-04-04T10:00:00Z"
}))]
pub struct Payment {
    pub id: PaymentId,
    pub application_id: ApplicationId,
    pub co_funder_id: CoFunderId,
    pub kind: PaymentKind,
    pub amount: Money,
    pub paid_on: NaiveDate,
    #[schema(max_length = 100)]
    pub reference: String,
    /// The client that recorded it; null for those who see a line from `voted` on.
    #[schema(required)]
    pub recorded_by: Option<ClientId>,
    pub recorded_at: Instant,
}
