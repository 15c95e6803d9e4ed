//! A contract as it is shown: consolidated at a day, with what belongs to it on that day.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::amendments::{AmendmentKind, Change};
use super::api::{
    Challenge, CrossCuttingChallenge, Label, Neighbourhood, Signatory, SigningStatus, Territory,
};
use super::commitments::{self, Commitment};
use super::consolidation::{Dated, Terms, fold};
use super::council::{self, Council};
use super::differences::{Difference, Reading, differences};
use super::documents::Document;
use super::store::{Row, amendment_signatures, in_force, signatories, status};
use crate::db::DbConnection;
use crate::error::Result;
use crate::types::{AmendmentId, CoFunderId, ContractId, Instant};

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
    "reference": "CV-BLOIS-2015", "title": "Contrat de ville de Blois", "description": "",
    "territory": {"inseeCode": "41018", "name": "Blois"},
    "startsOn": "2015-01-01", "endsOn": "2022-12-31",
    "challenges": [{"number": 5, "title": "mieux vivre son quartier"}],
    "crossCuttingChallenges": [{"code": "gender-equality", "title": "égalité femmes-hommes"}],
    "neighbourhoods": [{"code": "nord", "name": "Quartiers Nord", "kind": "priority"}],
    "commitments": [],
    "signatories": [{
        "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Caf de Loir-et-Cher", "signedOn": "2015-07-02"
    }],
    "labels": [], "documents": [], "council": null,
    "includedAmendments": [{
        "id": "01890a5d-ac96-774b-bcce-b302099a8058", "kind": "perr", "effectiveOn": "2020-01-01", "inForceFrom": "2020-01-01",
        "title": "Protocole d’engagements renforcés et réciproques"
    }],
    "comparedWith": "2019-12-31",
    "differences": [{
        "part": "period", "key": "endsOn", "before": "2020-12-31", "after": "2022-12-31",
        "text": {
            "en": "The contract ends on 31 December 2022 instead of 31 December 2020.",
            "fr": "Le contrat s’achève le 31 décembre 2022 au lieu du 31 décembre 2020."
        }
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
    #[schema(max_length = 5000)]
    pub description: String,
    pub territory: Territory,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    #[schema(max_items = 1000)]
    pub challenges: Vec<Challenge>,
    #[schema(max_items = 1000)]
    pub cross_cutting_challenges: Vec<CrossCuttingChallenge>,
    #[schema(max_items = 1000)]
    pub neighbourhoods: Vec<Neighbourhood>,
    /// What the parties are committed to on that day, each with what its party last reported by then.
    #[schema(max_items = 1000)]
    pub commitments: Vec<Commitment>,
    #[schema(max_items = 1000)]
    pub signatories: Vec<Signatory>,
    /// All its labels, those of other days too: each says since when and until when it is held.
    #[schema(max_items = 50)]
    pub labels: Vec<Label>,
    /// As they are listed today, whatever the day it is read at.
    #[schema(max_items = 100)]
    pub documents: Vec<Document>,
    /// The citizens' council as it is today; null before it was created.
    #[schema(required)]
    pub council: Option<Council>,
    #[schema(max_items = 1000)]
    pub included_amendments: Vec<IncludedAmendment>,
    /// The day it was asked to be compared with (`compareWith`).
    #[schema(required)]
    pub compared_with: Option<NaiveDate>,
    /// The parts of the contract that `asOf` has and `comparedWith` had not, and the other way round; null unless it was
    /// asked for.
    #[schema(required, max_items = 5000)]
    pub differences: Option<Vec<Difference>>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// The contract as it is in force on that day (rule A2).
pub fn contract(connection: &mut DbConnection, row: Row, as_of: NaiveDate) -> Result<Contract> {
    let amendments = in_force(connection, row.id, as_of)?;
    let terms = fold(&row.terms, &amendments).0;
    let signatories = with_those_who_joined(connection, row.id, &terms.contract.signatories, &amendments)?;
    let Terms { contract, commitments, .. } = terms;
    Ok(Contract {
        id: row.id,
        status: status(row.signed, &signatories),
        as_of,
        reference: contract.reference,
        title: contract.title,
        description: contract.description,
        territory: contract.territory,
        starts_on: contract.starts_on,
        ends_on: contract.ends_on,
        challenges: contract.challenges,
        cross_cutting_challenges: contract.cross_cutting_challenges,
        neighbourhoods: contract.neighbourhoods,
        commitments: commitments::reported(connection, row.id, commitments, as_of)?,
        signatories,
        labels: contract.labels,
        documents: contract.documents,
        council: council::find(connection, row.id)?.filter(|council| council.created_on <= as_of),
        included_amendments: amendments.into_iter().map(included).collect(),
        compared_with: None,
        differences: None,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// The same, with what changed since another day, or until then.
pub fn compared(
    connection: &mut DbConnection,
    row: Row,
    as_of: NaiveDate,
    other: NaiveDate,
) -> Result<Contract> {
    let after = contract(connection, row.clone(), as_of)?;
    let before = contract(connection, row, other)?;
    let differences = differences(&reading(&before), &reading(&after));
    Ok(Contract { compared_with: Some(other), differences: Some(differences), ..after })
}

fn reading(contract: &Contract) -> Reading<'_> {
    Reading {
        ends_on: contract.ends_on,
        challenges: &contract.challenges,
        neighbourhoods: &contract.neighbourhoods,
        signatories: &contract.signatories,
        commitments: &contract.commitments,
        labels: contract.labels.iter().filter(|label| label.is_held(contract.as_of)).collect(),
        council_created_on: contract.council.as_ref().map(|council| council.created_on),
    }
}

fn included(amendment: Dated) -> IncludedAmendment {
    IncludedAmendment {
        id: amendment.id,
        kind: amendment.kind,
        title: amendment.title,
        effective_on: amendment.effective_on,
        in_force_from: amendment.in_force_from,
    }
}

/// The signatories of a consolidated contract: one that joined by amendment signed that amendment.
fn with_those_who_joined(
    connection: &mut DbConnection,
    id: ContractId,
    ids: &[CoFunderId],
    amendments: &[Dated],
) -> Result<Vec<Signatory>> {
    let mut all = signatories(connection, id, ids)?;
    for amendment in amendments {
        let joining = |one: &Signatory| {
            let adds = Change::AddSignatory { co_funder_id: one.co_funder_id };
            one.signed_on.is_none() && amendment.changes.contains(&adds)
        };
        if all.iter().any(joining) {
            let signed = amendment_signatures(connection, amendment.id)?;
            for one in all.iter_mut().filter(|one| joining(one)) {
                one.signed_on = signed.iter().find(|(who, _)| *who == one.co_funder_id).map(|(_, day)| *day);
            }
        }
    }
    Ok(all)
}
