//! Funded projects and their sums, as they are published.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::Format;
use crate::types::{
    ApplicationId, CallId, ChallengeNumber, CoFunderId, ContractId, Money, Rna, Siret, TotalAmount, Word,
};
use crate::words;

/// What the published projects are narrowed to.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct FundedQuery {
    /// Only those of calls of this year.
    #[param(minimum = 2000, maximum = 2100)]
    pub year: Option<i32>,
    /// Only those under this contract.
    pub contract: Option<ContractId>,
    /// Only those of this call.
    pub call: Option<CallId>,
    /// Only those of this strand, by its code.
    #[param(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub strand: Option<String>,
    /// Only those that serve this challenge, by its number.
    #[param(minimum = 1, maximum = 99)]
    pub challenge: Option<i32>,
    /// Only those in this neighbourhood, by its code.
    #[param(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub neighbourhood: Option<String>,
    /// Only those this co-funder grants something; their amounts stay those of all co-funders.
    pub co_funder: Option<CoFunderId>,
    /// `csv` for those who cannot send `Accept: text/csv`.
    #[param(inline)]
    pub format: Option<Format>,
}

/// How one project is written.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FormatQuery {
    /// `csv` for those who cannot send `Accept: text/csv`.
    #[param(inline)]
    pub format: Option<Format>,
}

/// How the sums are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    Year,
    Strand,
    Challenge,
    Neighbourhood,
    CoFunder,
}

words!(GroupBy {
    Year = "year",
    Strand = "strand",
    Challenge = "challenge",
    Neighbourhood = "neighbourhood",
    CoFunder = "coFunder",
});

/// How the sums are grouped.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct GroupQuery {
    /// By what the sums are grouped.
    #[param(inline)]
    pub group_by: GroupBy,
}

/// What one co-funder grants to a funded project.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    pub co_funder_id: CoFunderId,
    /// The co-funder's name.
    #[schema(max_length = 200)]
    pub name: String,
    pub amount: Money,
}

/// A funded project: an application with at least one line granted at firmness `voted` or firmer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8061", "number": "2023-0042", "year": 2023,
    "callId": "01890a5d-ac96-774b-bcce-b302099a8059", "contractId": "01890a5d-ac96-774b-bcce-b302099a8057",
    "organisation": "Les Jardins partagés (exemple)", "siret": "00000000100008", "rna": null,
    "project": "Un jardin pour tous (exemple)", "strand": "neighbourhood-life", "challenges": [5],
    "neighbourhoods": ["nord"], "amount": {"amount": "4000.00", "currency": "EUR"},
    "coFunders": [{
        "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058", "name": "Caf de Loir-et-Cher",
        "amount": {"amount": "4000.00", "currency": "EUR"}
    }]
}))]
pub struct FundedProject {
    pub id: ApplicationId,
    #[schema(max_length = 20)]
    pub number: String,
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    pub call_id: CallId,
    pub contract_id: ContractId,
    /// The name of the organisation that carries it.
    #[schema(max_length = 200)]
    pub organisation: String,
    #[schema(required)]
    pub siret: Option<Siret>,
    #[schema(required)]
    pub rna: Option<Rna>,
    /// Its name.
    #[schema(max_length = 200)]
    pub project: String,
    /// The code of its strand.
    #[schema(max_length = 60)]
    pub strand: String,
    #[schema(max_items = 50, value_type = Vec<ChallengeNumber>)]
    pub challenges: Vec<i32>,
    #[schema(max_items = 200, value_type = Vec<Word>)]
    pub neighbourhoods: Vec<String>,
    /// Granted in all, at firmness `voted` or firmer.
    #[schema(value_type = TotalAmount)]
    pub amount: Money,
    /// The same, co-funder by co-funder.
    #[schema(max_items = 200)]
    pub co_funders: Vec<Share>,
}

/// One row of sums.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Group {
    /// A year, a code, a number or an id.
    #[schema(max_length = 60)]
    pub key: String,
    /// What it is called, in French.
    #[schema(max_length = 5000)]
    pub label: String,
    /// How many projects.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub projects: u64,
    /// What they are granted.
    #[schema(value_type = TotalAmount)]
    pub amount: Money,
}

/// All the projects of a summary.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Total {
    /// How many projects, each counted once.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub projects: u64,
    /// What they are granted.
    #[schema(value_type = TotalAmount)]
    pub amount: Money,
}

/// Sums over the funded projects. A project that serves two challenges or two neighbourhoods counts in both rows, and
/// one with two co-funders in both, each with its own share; `total` counts every project once.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "items": [{
        "key": "2023", "label": "2023", "projects": 66, "amount": {"amount": "1200000.00", "currency": "EUR"}
    }],
    "total": {"projects": 66, "amount": {"amount": "1200000.00", "currency": "EUR"}}
}))]
pub struct Summary {
    #[schema(max_items = 10000)]
    pub items: Vec<Group>,
    pub total: Total,
}
