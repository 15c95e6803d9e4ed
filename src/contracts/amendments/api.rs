//! Amendments, as they are sent and shown.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::super::api::{Challenge, Neighbourhood, Signatory, SigningStatus};
use super::super::documents::{self, Document};
use crate::types::{AmendmentId, CoFunderId, ContractId, Instant};
use crate::words;

/// What kind of amendment (avenant) it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmendmentKind {
    Perr,
    Ordinary,
}

words!(AmendmentKind {
    Perr = "perr" | "protocole d’engagements renforcés et réciproques",
    Ordinary = "ordinary" | "avenant ordinaire",
});

/// What a party commits itself to (engagement): reciprocal, for a challenge of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommitmentTerms {
    /// A short word; never given to another commitment of the contract, even when this one is retired.
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
        commitment: CommitmentTerms,
    },
    RetireCommitment {
        #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
        code: String,
    },
}

/// An amendment to be drafted or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "documents_are_unique"))]
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
    /// Where its text can be read; from the first signature on documents can only be added.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub documents: Vec<Document>,
}

fn documents_are_unique(input: &AmendmentInput) -> Result<(), ValidationError> {
    documents::are_unique(&input.documents)
}

/// An amendment (avenant).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8058", "contractId": "01890a5d-ac96-774b-bcce-b302099a8057",
    "status": "signed", "kind": "perr", "title": "Protocole d’engagements renforcés et réciproques",
    "effectiveOn": "2020-01-01", "inForceFrom": "2020-01-01",
    "changes": [{"type": "extendPeriod", "endsOn": "2022-12-31"}], "documents": [],
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
    /// The later of `effectiveOn` and the last signature; null while a signature is missing.
    #[schema(required)]
    pub in_force_from: Option<NaiveDate>,
    #[schema(max_items = 100)]
    pub changes: Vec<Change>,
    #[schema(max_items = 100)]
    pub documents: Vec<Document>,
    /// Those who must sign for it to come into force.
    #[schema(max_items = 1000)]
    pub signatories: Vec<Signatory>,
    pub created_at: Instant,
    pub updated_at: Instant,
}
