//! Decisions, as they are pushed and shown.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::error::FaultCode;
use crate::http::ETag;
use crate::http::fault;
use crate::types::Credits;
use crate::types::{ApplicationId, ClientId, CoFunderId, DecisionId, Firmness, Instant, Money, Text};

/// What a co-funder pushes: the whole line as it now is. Sending the same again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "amounts_fit_firmness"))]
#[validate(schema(function = "voted_has_reference"))]
#[validate(schema(function = "voted_has_date"))]
#[schema(example = json!({
    "firmness": "voted", "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream",
    "actReference": "CA-2023-014", "actDate": "2023-03-16", "partnerReference": "DOS-778"
}))]
pub struct DecisionInput {
    pub firmness: Firmness,
    /// What the co-funder means to give, while it only intends.
    #[serde(default)]
    pub proposed: Option<Money>,
    /// What it gives; required from `agreed` on, absent below.
    #[serde(default)]
    pub granted: Option<Money>,
    /// Out of which money it pays.
    pub credits: Credits,
    /// The reference of the act that grants; required from `voted` on (rule D5).
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub act_reference: Option<String>,
    /// The day of that act; required from `voted` on (rule D5).
    #[serde(default)]
    pub act_date: Option<NaiveDate>,
    /// The co-funder's own reference.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub partner_reference: Option<String>,
    /// Why; required to go down the ladder or to lower a voted amount (rule D6).
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
}

fn amounts_fit_firmness(input: &DecisionInput) -> Result<(), ValidationError> {
    let (field, code, en, fr) = match (input.firmness, input.proposed, input.granted) {
        (Firmness::Intended, None, _) => (
            "/proposed",
            FaultCode::Required,
            "is required when intended",
            "est obligatoire pour une intention",
        ),
        (firmness, _, None) if firmness.is_committing() => (
            "/granted",
            FaultCode::Required,
            "is required from agreed on",
            "est obligatoire à partir de « agreed »",
        ),
        (firmness, _, Some(_)) if !firmness.is_committing() => (
            "/granted",
            FaultCode::AmountNotAllowed,
            "has no place below agreed",
            "n’a pas lieu d’être en deçà de « agreed »",
        ),
        (firmness, _, Some(granted)) if firmness.is_committing() && granted == Money::ZERO => {
            ("/granted", FaultCode::TooSmall, "is nothing: that is a refusal", "est nul : c’est un refus")
        }
        _ => return Ok(()),
    };
    Err(fault(field, code, Text::new(en, fr)))
}

fn voted_has_reference(input: &DecisionInput) -> Result<(), ValidationError> {
    required_from_voted(input, input.act_reference.is_some(), "/actReference")
}

fn voted_has_date(input: &DecisionInput) -> Result<(), ValidationError> {
    required_from_voted(input, input.act_date.is_some(), "/actDate")
}

fn required_from_voted(input: &DecisionInput, is_there: bool, field: &str) -> Result<(), ValidationError> {
    if is_there || !input.firmness.is_public() {
        return Ok(());
    }
    let text = Text::new("is required from voted on", "est obligatoire à partir de « voted »");
    Err(fault(field, FaultCode::Required, text))
}

/// The line of a co-funder on an application (décision).
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::decisions)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
    "revision": 2, "firmness": "voted", "requested": {"amount": "5000.00", "currency": "EUR"}, "proposed": null,
    "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream",
    "actReference": "CA-2023-014", "actDate": "2023-03-16", "partnerReference": "DOS-778", "reason": null,
    "standing": true, "createdAt": "2023-01-20T10:00:00Z", "updatedAt": "2023-03-17T10:00:00Z"
}))]
pub struct Decision {
    #[serde(skip)]
    pub id: DecisionId,
    pub application_id: ApplicationId,
    pub co_funder_id: CoFunderId,
    #[serde(skip)]
    pub version: i64,
    /// 1 for the first push, one more for each that changed the line; null for those who see a line from `voted` on.
    #[diesel(select_expression = crate::db::schema::decisions::version.nullable())]
    #[schema(required, minimum = 1, maximum = 1_000_000)]
    pub revision: Option<i64>,
    pub firmness: Firmness,
    /// What the application asks of this co-funder.
    pub requested: Money,
    #[schema(required)]
    pub proposed: Option<Money>,
    #[schema(required)]
    pub granted: Option<Money>,
    pub credits: Credits,
    #[schema(required, max_length = 100)]
    pub act_reference: Option<String>,
    #[schema(required)]
    pub act_date: Option<NaiveDate>,
    #[schema(required, max_length = 100)]
    pub partner_reference: Option<String>,
    #[schema(required, max_length = 2000)]
    pub reason: Option<String>,
    /// False once its application was withdrawn: it reserves nothing any more.
    pub standing: bool,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl Decision {
    /// The tag of the line as its co-funder reads it: its version, and whether it stands.
    pub fn etag(&self) -> ETag {
        if self.standing { ETag::version(self.version) } else { ETag::version_and(self.version, "withdrawn") }
    }

    /// The line as those see it who see it from `voted` on: nothing tells what came before (rule D9).
    pub fn without_its_past(mut self) -> Self {
        (self.revision, self.proposed, self.reason) = (None, None, None);
        self.created_at = self.updated_at;
        self
    }

    /// Whether the line says already what is pushed.
    pub fn says(&self, input: &DecisionInput) -> bool {
        let said = DecisionInput {
            firmness: self.firmness,
            proposed: self.proposed,
            granted: self.granted,
            credits: self.credits,
            act_reference: self.act_reference.clone(),
            act_date: self.act_date,
            partner_reference: self.partner_reference.clone(),
            reason: self.reason.clone(),
        };
        said == *input
    }
}

/// A line as it was pushed once: nothing is overwritten (rule D6).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "revision": 1, "recordedBy": "01890a5d-ac96-774b-bcce-b302099a8062", "recordedAt": "2023-01-20T10:00:00Z",
    "line": {"firmness": "agreed", "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream"}
}))]
pub struct Revision {
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub revision: i64,
    /// What was pushed.
    pub line: DecisionInput,
    /// The client that pushed it.
    pub recorded_by: ClientId,
    pub recorded_at: Instant,
}
