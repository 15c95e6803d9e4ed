//! Applications, as they are shown, and the acts on them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::content::{
    Audience, Budget, ExternalReference, FundingRequest, Indicator, Partner, PriorityStatement, YearBudget,
};
use super::funding::Funding;
use super::receipt::Receipt;
use super::returns::Return;
use super::status::ApplicationStatus;
use super::transitions::Transition;
use crate::error::{Fault, FaultCode};
use crate::http::fault;
use crate::types::{
    ApplicationId, CallId, ChallengeNumber, Contact, Instant, Money, OrganisationId, Text, Word,
};

/// Something that submission would refuse.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "pointer": "/startsOn", "code": "required",
    "detail": {"en": "first day of the action: to be filled in", "fr": "début de l’action : à renseigner"}
}))]
pub struct Warning {
    /// Where: a JSON pointer (RFC 6901) into the application.
    #[schema(max_length = 200)]
    pub pointer: String,
    /// What, as a stable word.
    #[schema(max_length = 40)]
    pub code: &'static str,
    /// The same in a sentence that names the field.
    pub detail: Text,
}

impl From<Fault> for Warning {
    fn from(fault: Fault) -> Self {
        Self { pointer: fault.pointer, code: fault.code.slug(), detail: fault.detail }
    }
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
    "renewalOf": null, "audiences": [], "partners": [], "indicators": [], "contacts": null, "externalReferences": [],
    "strand": "neighbourhood-life", "challenges": [5], "operationalPriorities": ["neighbourhood-life-4"],
    "statements": [], "neighbourhoods": ["nord"], "startsOn": "2023-02-01", "endsOn": "2023-11-30", "multiYear": false,
    "budget": {"charges": [], "products": []}, "furtherYears": [], "requests": [], "viabilityFloor": null,
    "funding": {
        "status": "none", "requested": {"amount": "4000.00", "currency": "EUR"},
        "intended": {"amount": "0.00", "currency": "EUR"}, "agreed": {"amount": "0.00", "currency": "EUR"},
        "conditional": {"amount": "0.00", "currency": "EUR"},
        "voted": {"amount": "0.00", "currency": "EUR"}, "paid": {"amount": "0.00", "currency": "EUR"},
        "gap": {"amount": "4000.00", "currency": "EUR"}, "viability": "full", "byCoFunder": [], "byCredits": []
    },
    "warnings": [], "transitions": [], "returned": null,
    "receipt": {
        "number": "2023-0042", "receivedAt": "2022-11-02T09:30:00Z",
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "attachments": []
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
    /// The application of a former call that this one renews.
    #[schema(required)]
    pub renewal_of: Option<ApplicationId>,
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
    #[schema(max_items = 100)]
    pub audiences: Vec<Audience>,
    #[schema(max_items = 100)]
    pub partners: Vec<Partner>,
    #[schema(max_items = 50)]
    pub indicators: Vec<Indicator>,
    #[schema(required)]
    pub starts_on: Option<NaiveDate>,
    #[schema(required)]
    pub ends_on: Option<NaiveDate>,
    pub multi_year: bool,
    /// Of the call's year.
    pub budget: Budget,
    /// Of the years after it, in a multi-year plan.
    #[schema(max_items = 10)]
    pub further_years: Vec<YearBudget>,
    #[schema(max_items = 100)]
    pub requests: Vec<FundingRequest>,
    /// Under this amount the action cannot take place. For its organisation, the staff and the co-funders of the call; null
    /// for the council.
    #[schema(required)]
    pub viability_floor: Option<Money>,
    /// For its organisation, the staff and the co-funders asked; null for others.
    #[schema(required, max_items = 20)]
    pub contacts: Option<Vec<Contact>>,
    #[schema(max_items = 20)]
    pub external_references: Vec<ExternalReference>,
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
    /// When what this reader sees of it last changed. For the co-funders and the staff that is every push of a line, every
    /// payment and every opinion; for the applicant the lines from `voted` on and their payments; for the council these, its
    /// own opinions and what it is answered. Evaluations, which all read, move it for all.
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
