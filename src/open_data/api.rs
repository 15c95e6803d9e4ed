//! Funded projects and their sums, as they are published.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::{Code, Error, Fault, FaultCode, Result};
use crate::http::Format;
use crate::types::{
    ApplicationId, CallId, ChallengeNumber, CoFunderId, ContractId, Money, Phrase, Rna, Siret, TotalAmount,
    Word,
};
use crate::words;

/// Filters of the published projects.
///
/// Challenges and neighbourhoods are numbered and coded by each contract, strands by each call: the same number or code
/// means something else in another one. A filter by such a number or code therefore requires the contract or the call it
/// belongs to.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct FundedQuery {
    /// Only projects of calls of this year.
    #[param(minimum = 2000, maximum = 2100)]
    pub year: Option<i32>,
    /// Only projects under this contract.
    pub contract_id: Option<ContractId>,
    /// Only projects of this call.
    pub call_id: Option<CallId>,
    /// Only projects of this strand, by its code. Each call has its own strands: requires `callId`.
    #[param(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub strand: Option<String>,
    /// Only projects that serve this challenge, by its number. Each contract has its own challenges: requires
    /// `contractId` or `callId`.
    #[param(minimum = 1, maximum = 99)]
    pub challenge: Option<i32>,
    /// Only projects in this neighbourhood, by its code. Each contract has its own neighbourhoods: requires `contractId`
    /// or `callId`.
    #[param(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub neighbourhood: Option<String>,
    /// Only projects to which this co-funder grants something; their amounts stay those of all co-funders.
    pub co_funder_id: Option<CoFunderId>,
    /// `csv` for clients that cannot send `Accept: text/csv`.
    #[param(inline)]
    pub format: Option<Format>,
}

impl FundedQuery {
    /// Refuses a number or a code whose owner is not named: it would mix what several contracts or calls mean by it.
    pub fn check_owners_are_named(&self) -> Result<()> {
        let of_call = self.call_id.is_some();
        let of_contract = of_call || self.contract_id.is_some();
        let mut faults = Vec::new();
        if self.strand.is_some() && !of_call {
            let en = "is required with strand: each call has its own strands";
            let fr = "est obligatoire avec strand : chaque appel à projets a ses propres volets";
            faults.push(Fault::new("callId", FaultCode::Required, en, fr));
        }
        if (self.challenge.is_some() || self.neighbourhood.is_some()) && !of_contract {
            let en = "is required, or callId, with challenge and neighbourhood: each contract has its own";
            let fr =
                "est obligatoire, ou callId, avec challenge et neighbourhood : chaque contrat a les siens";
            faults.push(Fault::new("contractId", FaultCode::Required, en, fr));
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::new(Code::InvalidParameter).faults(faults)) }
    }
}

/// How one project is written.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FormatQuery {
    /// `csv` for clients that cannot send `Accept: text/csv`.
    #[param(inline)]
    pub format: Option<Format>,
}

/// How the sums are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    Year,
    Contract,
    Call,
    Strand,
    StrandTitle,
    Challenge,
    ChallengeTitle,
    Neighbourhood,
    CoFunder,
}

words!(GroupBy {
    Year = "year": "the year of the call",
    Contract = "contract",
    Call = "call",
    Strand = "strand": "one row for each call and strand",
    StrandTitle = "strandTitle": "across contracts and calls, strands with the same title together",
    Challenge = "challenge": "one row for each contract, challenge and title that the challenge had",
    ChallengeTitle = "challengeTitle": "across contracts and calls, challenges with the same title together",
    Neighbourhood = "neighbourhood": "one row for each contract, neighbourhood and name that it had",
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
///
/// Titles and names are those of the contract as it was in force when the call opened (rule A4): an amendment that renames a
/// challenge later does not change them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8061", "number": "2023-0042", "year": 2023,
    "contractId": "01890a5d-ac96-774b-bcce-b302099a8057", "contractTitle": "Contrat de ville de Blois",
    "callId": "01890a5d-ac96-774b-bcce-b302099a8059", "callTitle": "Appel à projets 2023 du contrat de ville de Blois",
    "organisation": "Les Jardins partagés (exemple)", "siret": "00000000100008", "rna": null,
    "project": "Un jardin pour tous (exemple)",
    "strand": "neighbourhood-life", "strandTitle": "Mieux vivre son quartier",
    "challenges": [5], "challengeTitles": ["mieux vivre son quartier"],
    "neighbourhoods": ["nord"], "neighbourhoodNames": ["Quartiers Nord"], "amount": {"amount": "4000.00", "currency": "EUR"},
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
    pub contract_id: ContractId,
    #[schema(max_length = 200)]
    pub contract_title: String,
    pub call_id: CallId,
    #[schema(max_length = 200)]
    pub call_title: String,
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
    /// The code of its strand, unique in its call.
    #[schema(max_length = 60)]
    pub strand: String,
    /// The title of its strand, in French.
    #[schema(max_length = 5000)]
    pub strand_title: String,
    /// The numbers of the challenges it serves, each unique in its contract.
    #[schema(max_items = 50, value_type = Vec<ChallengeNumber>)]
    pub challenges: Vec<i32>,
    /// The titles of these challenges, in the same order.
    #[schema(max_items = 50, value_type = Vec<Phrase>)]
    pub challenge_titles: Vec<String>,
    /// The codes of the neighbourhoods it takes place in, each unique in its contract.
    #[schema(max_items = 200, value_type = Vec<Word>)]
    pub neighbourhoods: Vec<String>,
    /// The names of these neighbourhoods, in the same order.
    #[schema(max_items = 200, value_type = Vec<Phrase>)]
    pub neighbourhood_names: Vec<String>,
    /// Granted in all, at firmness `voted` or firmer.
    #[schema(value_type = TotalAmount)]
    pub amount: Money,
    /// The same, co-funder by co-funder.
    #[schema(max_items = 200)]
    pub co_funders: Vec<Share>,
}

/// One row of sums. `contractId`, `callId`, `key` and `label` together identify it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The contract that the key belongs to; null where the key means the same in every contract.
    #[schema(required)]
    pub contract_id: Option<ContractId>,
    #[schema(required, max_length = 200)]
    pub contract_title: Option<String>,
    /// The call that the key belongs to; null where the key means the same in several calls.
    #[schema(required)]
    pub call_id: Option<CallId>,
    #[schema(required, max_length = 200)]
    pub call_title: Option<String>,
    /// A year, an id, the number of a challenge, the code of a strand or of a neighbourhood; for titles, what is compared:
    /// the words of the title in small letters without accents or punctuation.
    #[schema(max_length = 5000)]
    pub key: String,
    /// The name or the title of the key, in French, as it stood for the projects of this row.
    #[schema(max_length = 5000)]
    pub label: String,
    /// The number of projects.
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

/// Sums over the funded projects.
///
/// A project that serves two challenges or two neighbourhoods counts in both rows, and one with two co-funders in both, each
/// with its own share; `total` counts every project once.
///
/// Numbers and codes are never added up across their owners. A challenge has one row for each contract, and one for each title
/// where an amendment renamed it between two calls; a strand has one row for each call. Only `challengeTitle` and
/// `strandTitle` add up several contracts: they take two titles for equal when they have the same words, whatever their case,
/// accents, punctuation and spaces. Neighbourhoods of two contracts are never the same place.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "items": [{
        "contractId": null, "contractTitle": null, "callId": null, "callTitle": null,
        "key": "2023", "label": "2023", "projects": 66, "amount": {"amount": "1200000.00", "currency": "EUR"}
    }],
    "total": {"projects": 66, "amount": {"amount": "1200000.00", "currency": "EUR"}}
}))]
pub struct Summary {
    #[schema(max_items = 10000)]
    pub items: Vec<Group>,
    pub total: Total,
}
