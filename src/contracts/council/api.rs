//! Councils, as they are sent and shown. Seats, never names: nothing here tells who sits.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::http::unique;
use crate::types::{ContractId, Instant};
use crate::words;

/// Which college of the council (law 2014-173 of 21 February 2014, article 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CollegeKind {
    Residents,
    LocalActors,
}

words!(CollegeKind {
    Residents = "residents" | "habitants": "drawn by lot",
    LocalActors = "localActors" | "acteurs locaux": "associations and others who act in the neighbourhoods",
});

/// A college of the council.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct College {
    pub kind: CollegeKind,
    /// How many sit in it.
    #[schema(minimum = 1, maximum = 500)]
    pub seats: u32,
}

/// A council to be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "colleges_are_unique"))]
#[schema(example = json!({
    "createdOn": "2015-07-02", "parity": true,
    "colleges": [{"kind": "residents", "seats": 20}, {"kind": "localActors", "seats": 10}]
}))]
pub struct CouncilInput {
    /// The day it was created; not in the future.
    pub created_on: NaiveDate,
    /// Whether its residents are drawn with as many women as men.
    pub parity: bool,
    #[schema(min_items = 1, max_items = 2)]
    pub colleges: Vec<College>,
}

fn colleges_are_unique(input: &CouncilInput) -> Result<(), ValidationError> {
    unique("/colleges", "kind", input.colleges.iter().map(|one| one.kind))
}

/// The citizens' council of a contract: residents and local actors who take part in drafting, follow-up and evaluation.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "contractId": "01890a5d-ac96-774b-bcce-b302099a8057", "createdOn": "2015-07-02", "parity": true,
    "colleges": [{"kind": "residents", "seats": 20}, {"kind": "localActors", "seats": 10}], "seats": 30,
    "updatedAt": "2015-07-03T07:00:00Z"
}))]
pub struct Council {
    pub contract_id: ContractId,
    pub created_on: NaiveDate,
    pub parity: bool,
    #[schema(max_items = 2)]
    pub colleges: Vec<College>,
    /// Those of all colleges.
    #[schema(minimum = 1, maximum = 1000)]
    pub seats: u32,
    pub updated_at: Instant,
}
