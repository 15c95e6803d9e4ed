//! Calls and envelopes, as they are sent and shown.

use std::collections::BTreeSet;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::error::{Fault, FaultCode};
use crate::http::{all_of, ordered, unique};
use crate::types::{CallId, ChallengeNumber, CoFunderId, ContractId, Instant, Money, Word};
use crate::words;

/// Where a call is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum CallStatus {
    Draft,
    Published,
}

words!(CallStatus { Draft = "draft", Published = "published" });

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

words!(Statement { Required = "required", RequiredIfMultiYear = "requiredIfMultiYear", Optional = "optional" });

/// A priority put forward this year (priorité opérationnelle).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OperationalPriority {
    /// A short word, unique in the call.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
}

/// A strand (volet): it groups challenges of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Strand {
    /// A short word, unique in the call.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
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
    /// A short word, unique in the call.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
    pub statement: Statement,
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
}

/// A call to be made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "period_is_ordered"))]
#[validate(schema(function = "strands_are_unique"))]
#[validate(schema(function = "priorities_are_unique"))]
#[validate(schema(function = "cross_cutting_priorities_are_unique"))]
#[validate(schema(function = "neighbourhoods_are_unique"))]
#[schema(example = json!({
    "contractId": "01890a5d-ac96-774b-bcce-b302099a8057", "year": 2023,
    "title": "Appel à projets 2023 du contrat de ville de Blois",
    "opensAt": "2022-10-03T07:00:00Z", "closesAt": "2022-11-18T22:59:59Z",
    "launchedBy": ["01890a5d-ac96-774b-bcce-b302099a8058"], "neighbourhoods": ["nord"],
    "strands": [{
        "code": "neighbourhood-life", "title": "Mieux vivre son quartier", "challenges": [5],
        "operationalPriorities": [{"code": "neighbourhood-life-1", "title": "soutenir l’accès aux droits"}]
    }],
    "crossCuttingPriorities": [{
        "code": "gender-equality", "title": "promouvoir l’égalité femmes-hommes", "statement": "requiredIfMultiYear"
    }],
    "rules": {"maximumPublicSharePercent": 80, "multiYearAllowed": true}
}))]
pub struct CallInput {
    pub contract_id: ContractId,
    /// The year of the actions.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// From then on applications are received.
    pub opens_at: Instant,
    /// Until then applications are received.
    pub closes_at: Instant,
    /// The co-funders that launch it.
    #[schema(max_items = 100)]
    pub launched_by: Vec<CoFunderId>,
    /// Codes of neighbourhoods of the contract.
    #[schema(max_items = 200, value_type = Vec<Word>)]
    pub neighbourhoods: Vec<String>,
    #[schema(max_items = 50)]
    pub strands: Vec<Strand>,
    #[schema(max_items = 100)]
    pub cross_cutting_priorities: Vec<CrossCuttingPriority>,
    pub rules: CallRules,
}

/// Part of rule K1 that needs nothing but the call itself.
fn period_is_ordered(input: &CallInput) -> Result<(), ValidationError> {
    ordered("/closesAt", input.opens_at, input.closes_at)
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
    if faults.is_empty() { Ok(()) } else { Err(all_of(faults)) }
}

fn cross_cutting_priorities_are_unique(input: &CallInput) -> Result<(), ValidationError> {
    unique("/crossCuttingPriorities", "code", input.cross_cutting_priorities.iter().map(|one| &one.code))
}

fn neighbourhoods_are_unique(input: &CallInput) -> Result<(), ValidationError> {
    unique("/neighbourhoods", "", input.neighbourhoods.iter())
}

/// A call for projects (appel à projets).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8059", "status": "published", "phase": "closed",
    "contractId": "01890a5d-ac96-774b-bcce-b302099a8057", "year": 2023,
    "title": "Appel à projets 2023 du contrat de ville de Blois",
    "opensAt": "2022-10-03T07:00:00Z", "closesAt": "2022-11-18T22:59:59Z",
    "launchedBy": ["01890a5d-ac96-774b-bcce-b302099a8058"], "neighbourhoods": ["nord"],
    "strands": [], "crossCuttingPriorities": [],
    "rules": {"maximumPublicSharePercent": 80, "multiYearAllowed": true},
    "createdAt": "2022-09-01T07:00:00Z", "updatedAt": "2022-09-26T07:00:00Z"
}))]
pub struct Call {
    pub id: CallId,
    pub status: CallStatus,
    /// By the server's clock.
    pub phase: Phase,
    pub contract_id: ContractId,
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    #[schema(max_length = 200)]
    pub title: String,
    pub opens_at: Instant,
    pub closes_at: Instant,
    #[schema(max_items = 100)]
    pub launched_by: Vec<CoFunderId>,
    #[schema(max_items = 200, value_type = Vec<Word>)]
    pub neighbourhoods: Vec<String>,
    #[schema(max_items = 50)]
    pub strands: Vec<Strand>,
    #[schema(max_items = 100)]
    pub cross_cutting_priorities: Vec<CrossCuttingPriority>,
    pub rules: CallRules,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// What a co-funder puts in a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"amount": {"amount": "75000.00", "currency": "EUR"}}))]
pub struct EnvelopeInput {
    /// Nothing is allowed too: 0.00.
    pub amount: Money,
}

/// The envelope of a co-funder in a call, and what is left of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "callId": "01890a5d-ac96-774b-bcce-b302099a8059", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
    "name": "Caf de Loir-et-Cher", "amount": {"amount": "75000.00", "currency": "EUR"},
    "committed": {"amount": "61150.00", "currency": "EUR"}, "remaining": {"amount": "13850.00", "currency": "EUR"},
    "updatedAt": "2022-09-26T07:00:00Z"
}))]
pub struct Envelope {
    pub call_id: CallId,
    pub co_funder_id: CoFunderId,
    /// The co-funder's name.
    #[schema(max_length = 200)]
    pub name: String,
    /// What the co-funder puts in.
    pub amount: Money,
    /// The sum of what it grants at firmness `agreed` or firmer.
    pub committed: Money,
    /// What it can still grant.
    pub remaining: Money,
    pub updated_at: Instant,
}
