//! Calls, as they are sent and shown.

use std::collections::BTreeSet;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::contracts::{self, Challenge, Document};
use crate::error::{Fault, FaultCode};
use crate::http::{unique, verdict};
use crate::types::{
    AttachmentKind, CallId, ChallengeNumber, CoFunderId, ContractId, Instant, Translated, Word,
};
use crate::words;

/// Where a call is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum CallStatus {
    Draft,
    Published,
    Decided,
    Archived,
}

words!(CallStatus {
    Draft = "draft" | "brouillon": "for the staff and the co-funders that launch it or are party to its contract",
    Published = "published" | "publié": "its text is fixed; its deadline can move to a later one",
    Decided = "decided" | "décidé": "the co-funders have decided; what they granted is still voted, notified and paid",
    Archived = "archived" | "archivé": "no money moves any more, and all of it stays readable",
});

/// Where the clock is in a call's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Upcoming,
    Open,
    Closed,
}

words!(Phase { Upcoming = "upcoming", Open = "open", Closed = "closed" });

/// Whether applications must say how they take a cross-cutting priority into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    Required,
    RequiredIfMultiYear,
    Optional,
}

words!(Statement {
    Required = "required": "of every application",
    RequiredIfMultiYear = "requiredIfMultiYear": "of those that ask for a multi-year agreement",
    Optional = "optional",
});

/// A priority put forward this year (priorité opérationnelle).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OperationalPriority {
    /// A short word, unique in the call.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    pub title: Translated,
}

/// Something the partners will look at with particular attention (point d’attention).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PointOfAttention {
    /// A short word, unique in the call.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    pub title: Translated,
}

/// A strand (volet): it groups challenges of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Strand {
    /// A short word, unique in the call.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    pub title: Translated,
    /// What is said before its priorities.
    #[serde(default)]
    pub introduction: Option<Translated>,
    /// Numbers of challenges of the contract.
    #[schema(min_items = 1, max_items = 50, value_type = Vec<ChallengeNumber>)]
    pub challenges: Vec<i32>,
    #[schema(max_items = 100)]
    pub operational_priorities: Vec<OperationalPriority>,
}

/// A priority every application must take into account (priorité transversale).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CrossCuttingPriority {
    /// A short word, unique in the call. Equality between women and men is `gender-equality` in every call: a multi-year
    /// application must have a statement on it (rule S3).
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    pub title: Translated,
    pub statement: Statement,
    /// What it means in particular.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub points: Vec<Translated>,
}

/// What the call allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallRules {
    /// The most that public money may be of an action's charges, in percent.
    #[schema(minimum = 0, maximum = 100)]
    pub maximum_public_share_percent: u32,
    /// Whether an action may last several years.
    pub multi_year_allowed: bool,
    /// How many years at the most, when it may.
    #[serde(default = "three_years")]
    #[schema(minimum = 2, maximum = 10, default = 3)]
    pub maximum_years: i32,
}

/// A convention pluriannuelle d’objectifs is made for three years unless the partners say otherwise.
const fn three_years() -> i32 {
    3
}

/// A call to be changed. A draft always saves; publication tells what is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "strands_are_unique"))]
#[validate(schema(function = "priorities_are_unique"))]
#[validate(schema(function = "cross_cutting_priorities_are_unique"))]
#[validate(schema(function = "points_of_attention_are_unique"))]
#[validate(schema(function = "neighbourhoods_are_unique"))]
#[validate(schema(function = "documents_are_unique"))]
#[validate(schema(function = "required_attachments_are_unique"))]
#[schema(example = json!({
    "contractId": "01890a5d-ac96-774b-bcce-b302099a8057", "year": 2023,
    "title": "Appel à projets 2023 du contrat de ville de Blois",
    "opensAt": "2022-10-03T07:00:00Z", "closesAt": "2022-11-18T22:59:59Z",
    "launchedBy": ["01890a5d-ac96-774b-bcce-b302099a8058"], "neighbourhoods": ["nord"],
    "strands": [{
        "code": "neighbourhood-life", "title": {"fr": "Mieux vivre son quartier", "en": "A better life in the neighbourhood"},
        "challenges": [5],
        "operationalPriorities": [{
            "code": "neighbourhood-life-1", "title": {"fr": "soutenir l’accès aux droits", "en": "support access to rights"}
        }]
    }],
    "crossCuttingPriorities": [{
        "code": "gender-equality", "statement": "requiredIfMultiYear",
        "title": {"fr": "promouvoir l’égalité femmes-hommes", "en": "promote equality between women and men"}
    }],
    "rules": {"maximumPublicSharePercent": 80, "multiYearAllowed": true, "maximumYears": 3},
    "requiredAttachments": ["statutes", "annualAccounts"]
}))]
pub struct CallInput {
    pub contract_id: ContractId,
    /// The year of the actions.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    #[serde(default)]
    pub introduction: Option<Translated>,
    /// From then on applications are received.
    #[serde(default)]
    pub opens_at: Option<Instant>,
    /// Until then applications are received.
    #[serde(default)]
    pub closes_at: Option<Instant>,
    /// The co-funders that launch it.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub launched_by: Vec<CoFunderId>,
    /// Codes of neighbourhoods of the contract.
    #[serde(default)]
    #[schema(max_items = 200, value_type = Vec<Word>)]
    pub neighbourhoods: Vec<String>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub strands: Vec<Strand>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub cross_cutting_priorities: Vec<CrossCuttingPriority>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub points_of_attention: Vec<PointOfAttention>,
    pub rules: CallRules,
    /// Where its texts can be read; once it is published documents can only be added.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub documents: Vec<Document>,
    /// The kinds of attachments without which no application is received (rule S8).
    #[serde(default)]
    #[schema(max_items = 20)]
    pub required_attachments: Vec<AttachmentKind>,
}

fn required_attachments_are_unique(input: &CallInput) -> Result<(), ValidationError> {
    unique("/requiredAttachments", "", input.required_attachments.iter())
}

fn strands_are_unique(input: &CallInput) -> Result<(), ValidationError> {
    unique("/strands", "code", input.strands.iter().map(|strand| &strand.code))
}

fn priorities_are_unique(input: &CallInput) -> Result<(), ValidationError> {
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (place, strand) in input.strands.iter().enumerate() {
        for (at, priority) in strand.operational_priorities.iter().enumerate() {
            if !seen.insert(&priority.code) {
                let pointer = format!("/strands/{place}/operationalPriorities/{at}/code");
                faults.push(Fault::new(
                    pointer,
                    FaultCode::Duplicate,
                    "is given twice",
                    "est donné deux fois",
                ));
            }
        }
    }
    verdict(faults)
}

fn cross_cutting_priorities_are_unique(input: &CallInput) -> Result<(), ValidationError> {
    unique("/crossCuttingPriorities", "code", input.cross_cutting_priorities.iter().map(|one| &one.code))
}

fn points_of_attention_are_unique(input: &CallInput) -> Result<(), ValidationError> {
    unique("/pointsOfAttention", "code", input.points_of_attention.iter().map(|one| &one.code))
}

fn documents_are_unique(input: &CallInput) -> Result<(), ValidationError> {
    contracts::documents_are_unique(&input.documents)
}

fn neighbourhoods_are_unique(input: &CallInput) -> Result<(), ValidationError> {
    unique("/neighbourhoods", "", input.neighbourhoods.iter())
}

/// A call for projects (appel à projets).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8059", "copiedFrom": null, "status": "published", "phase": "closed",
    "contractId": "01890a5d-ac96-774b-bcce-b302099a8057", "year": 2023,
    "title": "Appel à projets 2023 du contrat de ville de Blois", "introduction": null,
    "opensAt": "2022-10-03T07:00:00Z", "closesAt": "2022-11-18T22:59:59Z",
    "launchedBy": ["01890a5d-ac96-774b-bcce-b302099a8058"], "neighbourhoods": ["nord"],
    "strands": [], "crossCuttingPriorities": [], "pointsOfAttention": [],
    "challenges": [{"number": 5, "title": "mieux vivre son quartier"}], "documents": [],
    "rules": {"maximumPublicSharePercent": 80, "multiYearAllowed": true, "maximumYears": 3},
    "requiredAttachments": ["statutes", "annualAccounts"],
    "createdAt": "2022-09-01T07:00:00Z", "updatedAt": "2022-09-26T07:00:00Z"
}))]
pub struct Call {
    pub id: CallId,
    /// The call it was copied from.
    #[schema(required)]
    pub copied_from: Option<CallId>,
    pub status: CallStatus,
    /// By the server's clock.
    pub phase: Phase,
    pub contract_id: ContractId,
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    #[schema(max_length = 200)]
    pub title: String,
    #[schema(required)]
    pub introduction: Option<Translated>,
    /// Null on a draft that has no dates yet.
    #[schema(required)]
    pub opens_at: Option<Instant>,
    #[schema(required)]
    pub closes_at: Option<Instant>,
    #[schema(max_items = 100)]
    pub launched_by: Vec<CoFunderId>,
    #[schema(max_items = 200, value_type = Vec<Word>)]
    pub neighbourhoods: Vec<String>,
    #[schema(max_items = 50)]
    pub strands: Vec<Strand>,
    #[schema(max_items = 100)]
    pub cross_cutting_priorities: Vec<CrossCuttingPriority>,
    #[schema(max_items = 100)]
    pub points_of_attention: Vec<PointOfAttention>,
    /// The challenges of the contract as it was when the call was published: the ones its numbers mean (rule A4). Empty
    /// on a draft.
    #[schema(max_items = 1000)]
    pub challenges: Vec<Challenge>,
    pub rules: CallRules,
    #[schema(max_items = 100)]
    pub documents: Vec<Document>,
    /// The kinds of attachments without which no application is received (rule S8).
    #[schema(max_items = 20)]
    pub required_attachments: Vec<AttachmentKind>,
    pub created_at: Instant,
    pub updated_at: Instant,
}
