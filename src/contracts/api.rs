//! Contracts and amendments, as they are sent and shown.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::http::{ordered, unique};
use crate::types::{AmendmentId, CoFunderId, ContractId, InseeCode, Instant};
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
    /// Quartier prioritaire de la politique de la ville (QPV).
    Priority,
    /// Quartier de veille active.
    Watch,
}

words!(NeighbourhoodKind { Priority = "priority", Watch = "watch" });

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

/// What a party commits itself to (engagement).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Commitment {
    /// A short word, unique in the contract.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    /// The party: a signatory.
    pub co_funder_id: CoFunderId,
    /// The number of the challenge it serves.
    #[schema(minimum = 1, maximum = 99)]
    pub challenge: i32,
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// A contract to be made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "period_is_ordered"))]
#[validate(schema(function = "challenges_are_unique"))]
#[validate(schema(function = "cross_cutting_challenges_are_unique"))]
#[validate(schema(function = "neighbourhoods_are_unique"))]
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

/// How far a contract or an amendment is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningStatus {
    /// Nobody has signed: it can be edited.
    Draft,
    /// Some have signed.
    Signing,
    /// All have signed.
    Signed,
}

words!(SigningStatus { Draft = "draft", Signing = "signing", Signed = "signed" });

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

/// An amendment that a consolidated contract includes.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncludedAmendment {
    pub id: AmendmentId,
    pub kind: AmendmentKind,
    #[schema(max_length = 200)]
    pub title: String,
    pub effective_on: NaiveDate,
    /// The later of `effectiveOn` and the last signature.
    pub in_force_from: NaiveDate,
}

/// A contract as it is in force on a day: the original with every amendment in force folded in (rule A2).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8057", "status": "signed", "asOf": "2023-01-01",
    "reference": "CV-BLOIS-2015", "title": "Contrat de ville de Blois",
    "territory": {"inseeCode": "41018", "name": "Blois"},
    "startsOn": "2015-01-01", "endsOn": "2022-12-31",
    "challenges": [{"number": 5, "title": "mieux vivre son quartier"}],
    "crossCuttingChallenges": [{"code": "gender-equality", "title": "égalité femmes-hommes"}],
    "neighbourhoods": [{"code": "nord", "name": "Quartiers Nord", "kind": "priority"}],
    "commitments": [],
    "signatories": [{
        "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Caf de Loir-et-Cher", "signedOn": "2015-07-02"
    }],
    "includedAmendments": [{
        "id": "01890a5d-ac96-774b-bcce-b302099a8058", "kind": "perr", "effectiveOn": "2020-01-01", "inForceFrom": "2020-01-01",
        "title": "Protocole d’engagements renforcés et réciproques"
    }],
    "createdAt": "2015-06-01T07:00:00Z", "updatedAt": "2019-12-12T07:00:00Z"
}))]
pub struct Contract {
    pub id: ContractId,
    pub status: SigningStatus,
    /// The day it is read at.
    pub as_of: NaiveDate,
    #[schema(max_length = 60)]
    pub reference: String,
    #[schema(max_length = 200)]
    pub title: String,
    pub territory: Territory,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    #[schema(max_items = 1000)]
    pub challenges: Vec<Challenge>,
    #[schema(max_items = 1000)]
    pub cross_cutting_challenges: Vec<CrossCuttingChallenge>,
    #[schema(max_items = 1000)]
    pub neighbourhoods: Vec<Neighbourhood>,
    #[schema(max_items = 1000)]
    pub commitments: Vec<Commitment>,
    #[schema(max_items = 1000)]
    pub signatories: Vec<Signatory>,
    #[schema(max_items = 1000)]
    pub included_amendments: Vec<IncludedAmendment>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// What kind of amendment (avenant) it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmendmentKind {
    /// Protocole d’engagements renforcés et réciproques.
    Perr,
    Ordinary,
}

words!(AmendmentKind { Perr = "perr", Ordinary = "ordinary" });

/// One change an amendment makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Change {
    /// The contract ends later.
    #[serde(rename_all = "camelCase")]
    ExtendPeriod {
        ends_on: NaiveDate,
    },
    AddChallenge {
        challenge: Challenge,
    },
    /// A challenge is worded anew.
    ReviseChallenge {
        challenge: Challenge,
    },
    RetireChallenge {
        #[schema(minimum = 1, maximum = 99)]
        number: i32,
    },
    AddNeighbourhood {
        neighbourhood: Neighbourhood,
    },
    RemoveNeighbourhood {
        #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
        code: String,
    },
    #[serde(rename_all = "camelCase")]
    AddSignatory {
        co_funder_id: CoFunderId,
    },
    AddCommitment {
        commitment: Commitment,
    },
    RetireCommitment {
        #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
        code: String,
    },
}

/// An amendment to be drafted or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "kind": "perr", "title": "Protocole d’engagements renforcés et réciproques", "effectiveOn": "2020-01-01",
    "changes": [{"type": "extendPeriod", "endsOn": "2022-12-31"}]
}))]
pub struct AmendmentInput {
    pub kind: AmendmentKind,
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// From this day on the changes hold, once everyone has signed.
    pub effective_on: NaiveDate,
    #[schema(min_items = 1, max_items = 100)]
    pub changes: Vec<Change>,
}

/// An amendment (avenant).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8058", "contractId": "01890a5d-ac96-774b-bcce-b302099a8057",
    "status": "signed", "kind": "perr", "title": "Protocole d’engagements renforcés et réciproques",
    "effectiveOn": "2020-01-01", "changes": [{"type": "extendPeriod", "endsOn": "2022-12-31"}],
    "signatories": [], "createdAt": "2019-11-01T07:00:00Z", "updatedAt": "2019-12-12T07:00:00Z"
}))]
pub struct Amendment {
    pub id: AmendmentId,
    pub contract_id: ContractId,
    pub status: SigningStatus,
    pub kind: AmendmentKind,
    #[schema(max_length = 200)]
    pub title: String,
    pub effective_on: NaiveDate,
    #[schema(max_items = 100)]
    pub changes: Vec<Change>,
    /// Those who must sign for it to come into force.
    #[schema(max_items = 1000)]
    pub signatories: Vec<Signatory>,
    pub created_at: Instant,
    pub updated_at: Instant,
}
