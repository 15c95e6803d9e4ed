//! Contracts, as they are sent; what they are made of.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::documents::{self, Document};
use crate::error::{Fault, FaultCode};
use crate::http::{Viewer, ordered, unique, verdict};
use crate::types::{CoFunderId, InseeCode, Phrase};
use crate::words;

/// The commune of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Territory {
    pub insee_code: InseeCode,
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
}

/// A numbered challenge (enjeu).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Challenge {
    #[schema(minimum = 1, maximum = 99)]
    pub number: i32,
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
}

/// A challenge that crosses all others (enjeu transversal).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CrossCuttingChallenge {
    /// A short word, unique in the contract.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
}

/// What a neighbourhood is to the State's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeighbourhoodKind {
    Priority,
    Watch,
}

words!(NeighbourhoodKind {
    Priority = "priority" | "quartier prioritaire": "quartier prioritaire de la politique de la ville (QPV)",
    Watch = "watch" | "quartier de veille": "quartier de veille active",
});

/// A neighbourhood (quartier) of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Neighbourhood {
    /// A short word, unique in the contract.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub kind: NeighbourhoodKind,
}

/// A label the State or another authority has awarded (for example Cité éducative).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Label {
    /// A short word, unique in the contract.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Its first day; the first of the month where only the month is known.
    pub since: NaiveDate,
    /// Its last day; null while it is held.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// The number of the challenge it is attached to.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 99)]
    pub challenge: Option<i32>,
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<Phrase>)]
    pub objectives: Vec<String>,
}

impl Label {
    /// Whether it is held on that day.
    pub fn is_held(&self, day: NaiveDate) -> bool {
        self.since <= day && self.until.is_none_or(|last| day <= last)
    }
}

/// A contract to be made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "period_is_ordered"))]
#[validate(schema(function = "challenges_are_unique"))]
#[validate(schema(function = "cross_cutting_challenges_are_unique"))]
#[validate(schema(function = "neighbourhoods_are_unique"))]
#[validate(schema(function = "labels_are_unique"))]
#[validate(schema(function = "labels_are_ordered"))]
#[validate(schema(function = "documents_are_unique"))]
#[schema(example = json!({
    "reference": "CV-BLOIS-2015", "title": "Contrat de ville de Blois",
    "territory": {"inseeCode": "41018", "name": "Blois"},
    "startsOn": "2015-01-01", "endsOn": "2020-12-31",
    "challenges": [{"number": 5, "title": "mieux vivre son quartier"}],
    "crossCuttingChallenges": [{"code": "gender-equality", "title": "égalité femmes-hommes"}],
    "neighbourhoods": [{"code": "nord", "name": "Quartiers Nord", "kind": "priority"}],
    "signatories": ["01890a5d-ac96-774b-bcce-b302099a8057"]
}))]
pub struct ContractInput {
    /// Its reference; no two contracts have the same.
    #[schema(max_length = 60, pattern = "^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
    pub reference: String,
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// What it is about, in the partners' words.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub description: String,
    pub territory: Territory,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: NaiveDate,
    #[schema(max_items = 50)]
    pub challenges: Vec<Challenge>,
    #[schema(max_items = 50)]
    pub cross_cutting_challenges: Vec<CrossCuttingChallenge>,
    #[schema(max_items = 200)]
    pub neighbourhoods: Vec<Neighbourhood>,
    /// The institutions that sign.
    #[schema(min_items = 1, max_items = 100)]
    pub signatories: Vec<CoFunderId>,
    /// Labels come and go while the contract lasts: they can change after its signature too.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub labels: Vec<Label>,
    /// Where its texts can be read; from the first signature on documents can only be added.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub documents: Vec<Document>,
}

/// Rule C1.
fn period_is_ordered(input: &ContractInput) -> Result<(), ValidationError> {
    ordered("/endsOn", input.starts_on, input.ends_on)
}

fn challenges_are_unique(input: &ContractInput) -> Result<(), ValidationError> {
    unique("/challenges", "number", input.challenges.iter().map(|challenge| challenge.number))
}

fn cross_cutting_challenges_are_unique(input: &ContractInput) -> Result<(), ValidationError> {
    unique("/crossCuttingChallenges", "code", input.cross_cutting_challenges.iter().map(|one| &one.code))
}

fn neighbourhoods_are_unique(input: &ContractInput) -> Result<(), ValidationError> {
    unique("/neighbourhoods", "code", input.neighbourhoods.iter().map(|one| &one.code))
}

fn labels_are_unique(input: &ContractInput) -> Result<(), ValidationError> {
    unique("/labels", "code", input.labels.iter().map(|one| &one.code))
}

fn labels_are_ordered(input: &ContractInput) -> Result<(), ValidationError> {
    let ends_early = |label: &Label| label.until.is_some_and(|last| last < label.since);
    let early = input.labels.iter().enumerate().filter(|(_, label)| ends_early(label));
    let faults: Vec<Fault> = early
        .map(|(place, _)| {
            let (en, fr) = ("is before the first day", "est antérieur au premier jour");
            Fault::new(format!("/labels/{place}/until"), FaultCode::PeriodOrder, en, fr)
        })
        .collect();
    verdict(faults)
}

fn documents_are_unique(input: &ContractInput) -> Result<(), ValidationError> {
    documents::are_unique(&input.documents)
}

/// How far a contract or an amendment is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningStatus {
    Draft,
    Signing,
    Signed,
}

words!(SigningStatus {
    Draft = "draft" | "brouillon": "nobody has signed: it can be edited",
    Signing = "signing" | "en signature": "some have signed",
    Signed = "signed" | "signé": "all have signed",
});

/// A signature to be given by the client's own institution.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"signedOn": "2015-07-02"}))]
pub struct SignatureInput {
    /// The day of the signature; not in the future.
    pub signed_on: NaiveDate,
}

/// An institution that signs, and whether it has.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Caf de Loir-et-Cher", "signedOn": "2015-07-02"
}))]
pub struct Signatory {
    pub co_funder_id: CoFunderId,
    #[schema(max_length = 200)]
    pub name: String,
    /// The day it signed; null while it has not.
    #[schema(required)]
    pub signed_on: Option<NaiveDate>,
}

/// The day something is read at.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// The day to read at; today when absent.
    as_of: Option<NaiveDate>,
}

impl AsOf {
    pub fn or_today(&self, viewer: &Viewer) -> NaiveDate {
        self.as_of.unwrap_or_else(|| viewer.now.date())
    }
}
