//! Applications, as they are sent and shown.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::funding::Funding;
use super::receipt::Receipt;
use super::returns::Return;
use super::status::ApplicationStatus;
use super::transitions::Transition;
use crate::error::FaultCode;
use crate::http::{fault, unique};
use crate::types::{
    ApplicationId, CallId, ChallengeNumber, CoFunderId, Credits, Instant, Money, OrganisationId, Text, Word,
};

/// A charge of the budget: association chart of accounts, Cerfa 12156.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Charge {
    /// 60 to 69, or 86 in kind; sub-accounts allowed.
    #[schema(max_length = 5, pattern = "^(6[0-9]|86)[0-9]{0,3}$")]
    pub account: String,
    pub amount: Money,
}

/// A product of the budget: association chart of accounts, Cerfa 12156.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Product {
    /// 70 to 79, or 87 in kind; sub-accounts allowed.
    #[schema(max_length = 5, pattern = "^(7[0-9]|87)[0-9]{0,3}$")]
    pub account: String,
    pub amount: Money,
    /// The co-funder asked, on account 74; null for another public funder.
    #[serde(default)]
    pub co_funder_id: Option<CoFunderId>,
}

/// What the action costs and how it is paid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Budget {
    #[serde(default)]
    #[schema(max_items = 200)]
    pub charges: Vec<Charge>,
    #[serde(default)]
    #[schema(max_items = 200)]
    pub products: Vec<Product>,
}

/// What one co-funder is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FundingRequest {
    pub co_funder_id: CoFunderId,
    pub amount: Money,
    pub credits: Credits,
}

/// How the action takes a cross-cutting priority into account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriorityStatement {
    /// The code of the priority.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub priority: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub statement: String,
}

/// An application to be made or changed. A draft always saves: all but the call and the organisation may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "requests_are_unique"))]
#[validate(schema(function = "statements_are_unique"))]
#[validate(schema(function = "challenges_are_unique"))]
#[validate(schema(function = "priorities_are_unique"))]
#[validate(schema(function = "neighbourhoods_are_unique"))]
#[schema(example = json!({
    "callId": "01890a5d-ac96-774b-bcce-b302099a8059", "organisationId": "01890a5d-ac96-774b-bcce-b302099a8060",
    "title": "Un jardin pour tous (exemple)", "objectives": "Cultiver ensemble un jardin au pied des immeubles.",
    "strand": "neighbourhood-life", "challenges": [5], "operationalPriorities": ["neighbourhood-life-4"],
    "neighbourhoods": ["nord"], "startsOn": "2023-02-01", "endsOn": "2023-11-30",
    "budget": {
        "charges": [{"account": "60", "amount": {"amount": "5000.00", "currency": "EUR"}}],
        "products": [
            {"account": "70", "amount": {"amount": "1000.00", "currency": "EUR"}},
            {"account": "74", "amount": {"amount": "4000.00", "currency": "EUR"},
             "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058"}
        ]
    },
    "requests": [{
        "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
        "amount": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream"
    }],
    "viabilityFloor": {"amount": "3000.00", "currency": "EUR"}
}))]
pub struct ApplicationInput {
    pub call_id: CallId,
    pub organisation_id: OrganisationId,
    /// The name of the action.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub title: String,
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub objectives: String,
    /// The needs it answers, and who found them.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub needs: String,
    #[serde(default)]
    #[schema(max_length = 20000)]
    pub description: String,
    /// The code of a strand of the call.
    #[serde(default)]
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub strand: Option<String>,
    /// Numbers of challenges of that strand.
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<ChallengeNumber>)]
    pub challenges: Vec<i32>,
    /// Codes of operational priorities of that strand.
    #[serde(default)]
    #[schema(max_items = 100, value_type = Vec<Word>)]
    pub operational_priorities: Vec<String>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub statements: Vec<PriorityStatement>,
    /// Codes of neighbourhoods of the call.
    #[serde(default)]
    #[schema(max_items = 200, value_type = Vec<Word>)]
    pub neighbourhoods: Vec<String>,
    #[serde(default)]
    pub starts_on: Option<NaiveDate>,
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
    /// Whether a multi-year agreement is asked for (convention pluriannuelle).
    #[serde(default)]
    pub multi_year: bool,
    #[serde(default)]
    pub budget: Budget,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub requests: Vec<FundingRequest>,
    /// The public money below which the action cannot take place.
    #[serde(default)]
    pub viability_floor: Option<Money>,
}

fn requests_are_unique(input: &ApplicationInput) -> Result<(), ValidationError> {
    unique("/requests", "coFunderId", input.requests.iter().map(|request| request.co_funder_id))
}

fn statements_are_unique(input: &ApplicationInput) -> Result<(), ValidationError> {
    unique("/statements", "priority", input.statements.iter().map(|one| &one.priority))
}

fn challenges_are_unique(input: &ApplicationInput) -> Result<(), ValidationError> {
    unique("/challenges", "", input.challenges.iter())
}

fn priorities_are_unique(input: &ApplicationInput) -> Result<(), ValidationError> {
    unique("/operationalPriorities", "", input.operational_priorities.iter())
}

fn neighbourhoods_are_unique(input: &ApplicationInput) -> Result<(), ValidationError> {
    unique("/neighbourhoods", "", input.neighbourhoods.iter())
}

/// Something that submission would refuse.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Warning {
    /// Where: a JSON pointer (RFC 6901) into the application.
    #[schema(max_length = 200)]
    pub pointer: String,
    /// What, as a stable word.
    #[schema(max_length = 40)]
    pub code: &'static str,
}

/// An application (dossier).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8061", "number": "2023-0042", "status": "admissible", "statusReason": null,
    "organisationName": "Les Jardins partagés (exemple)",
    "callId": "01890a5d-ac96-774b-bcce-b302099a8059", "organisationId": "01890a5d-ac96-774b-bcce-b302099a8060",
    "title": "Un jardin pour tous (exemple)", "objectives": "Cultiver ensemble un jardin au pied des immeubles.",
    "needs": "", "description": "",
    "strand": "neighbourhood-life", "challenges": [5], "operationalPriorities": ["neighbourhood-life-4"],
    "statements": [], "neighbourhoods": ["nord"], "startsOn": "2023-02-01", "endsOn": "2023-11-30",
    "multiYear": false, "budget": {"charges": [], "products": []}, "requests": [], "viabilityFloor": null,
    "funding": {
        "status": "none", "requested": {"amount": "4000.00", "currency": "EUR"},
        "intended": {"amount": "0.00", "currency": "EUR"}, "agreed": {"amount": "0.00", "currency": "EUR"},
        "voted": {"amount": "0.00", "currency": "EUR"}, "paid": {"amount": "0.00", "currency": "EUR"},
        "gap": {"amount": "4000.00", "currency": "EUR"}, "viability": "full"
    },
    "warnings": [], "transitions": [], "returned": null,
    "receipt": {
        "number": "2023-0042", "receivedAt": "2022-11-02T09:30:00Z",
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    },
    "submittedAt": "2022-11-02T09:30:00Z",
    "createdAt": "2022-10-20T09:30:00Z", "updatedAt": "2022-12-05T09:30:00Z"
}))]
pub struct Application {
    pub id: ApplicationId,
    /// Given when it is submitted: the call's year and a rank.
    #[schema(required, max_length = 20, pattern = "^[0-9]{4}-[0-9]{4,}$")]
    pub number: Option<String>,
    pub status: ApplicationStatus,
    /// Why it is inadmissible, or was withdrawn.
    #[schema(required, max_length = 2000)]
    pub status_reason: Option<String>,
    pub call_id: CallId,
    pub organisation_id: OrganisationId,
    #[schema(max_length = 200)]
    pub organisation_name: String,
    #[schema(max_length = 200)]
    pub title: String,
    #[schema(max_length = 5000)]
    pub objectives: String,
    #[schema(max_length = 5000)]
    pub needs: String,
    #[schema(max_length = 20000)]
    pub description: String,
    #[schema(required, max_length = 60)]
    pub strand: Option<String>,
    #[schema(max_items = 50, value_type = Vec<ChallengeNumber>)]
    pub challenges: Vec<i32>,
    #[schema(max_items = 100, value_type = Vec<Word>)]
    pub operational_priorities: Vec<String>,
    #[schema(max_items = 100)]
    pub statements: Vec<PriorityStatement>,
    #[schema(max_items = 200, value_type = Vec<Word>)]
    pub neighbourhoods: Vec<String>,
    #[schema(required)]
    pub starts_on: Option<NaiveDate>,
    #[schema(required)]
    pub ends_on: Option<NaiveDate>,
    pub multi_year: bool,
    pub budget: Budget,
    #[schema(max_items = 100)]
    pub requests: Vec<FundingRequest>,
    #[schema(required)]
    pub viability_floor: Option<Money>,
    pub funding: Funding,
    /// What submission would refuse; only while it can be edited.
    #[schema(max_items = 1000)]
    pub warnings: Vec<Warning>,
    /// What this reader may do with the application itself now, by its role. A token of its client may have fewer scopes.
    #[schema(max_items = 10)]
    pub transitions: Vec<Transition>,
    /// The last return for correction, while it is returned: for its applicant and the staff.
    #[schema(required)]
    pub returned: Option<Return>,
    /// The proof of the last reception.
    #[schema(required)]
    pub receipt: Option<Receipt>,
    /// When it was first received.
    #[schema(required)]
    pub submitted_at: Option<Instant>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// An instructor's judgement.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "is_reasoned"))]
#[schema(example = json!({"admissible": true, "reason": null}))]
pub struct AdmissibilityInput {
    pub admissible: bool,
    /// Required when it is not.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
}

fn is_reasoned(input: &AdmissibilityInput) -> Result<(), ValidationError> {
    if input.admissible || input.reason.is_some() {
        return Ok(());
    }
    let text = Text::new("a reason is required", "un motif est obligatoire");
    Err(fault("/reason", FaultCode::ReasonRequired, text))
}

/// An applicant's withdrawal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"reason": "L’action n’aura pas lieu."}))]
pub struct WithdrawalInput {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
}
