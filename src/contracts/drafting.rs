//! Drafting a contract. From the first signature on it changes only by amendment (rule C2); only what is not its
//! substance, its labels and the list of its documents, is kept up to date.

use diesel::prelude::*;

use super::api::{ContractInput, Label, SigningStatus};
use super::consolidation::fold;
use super::store::{Row, find, signatories, signed_amendments, status};
use super::{documents, view};
use crate::cofunders;
use crate::db::schema::contracts::dsl;
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Code, Error, Fault, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, IfMatch, Patch};
use crate::types::{ContractId, reference_key};

pub fn create(tx: &mut DbConnection, actor: &Actor, input: &ContractInput) -> Result<Row> {
    let mut faults = cofunders::check_known(tx, &input.signatories, "/signatories")?;
    faults.extend(misplaced_labels(tx, None, input)?);
    all_right(faults)?;
    let id = ContractId::generate();
    diesel::insert_into(dsl::contracts)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::reference_key.eq(reference_key(&input.reference)),
            dsl::terms.eq(Json::new(input.clone())?),
            dsl::signed.eq(false),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)?;
    events::record(tx, actor, Event::ContractCreated, id, input)?;
    find(tx, Some(&actor.principal), id)
}

/// Changes a draft; of a contract with a signature, only its labels and its list of documents.
pub fn change(
    tx: &mut DbConnection,
    actor: &Actor,
    id: ContractId,
    if_match: &IfMatch,
    patch: &Patch<ContractInput>,
) -> Result<Row> {
    let current = find(tx, Some(&actor.principal), id)?;
    if_match.check(&ETag::of(&view::contract(tx, current.clone(), actor.now.date())?)?)?;
    let signatories = signatories(tx, id, &current.terms.signatories)?;
    let input = patch.apply(&current.terms)?;
    if input == *current.terms {
        return Ok(current);
    }
    let is_draft = status(current.signed, &signatories) == SigningStatus::Draft;
    if !is_draft && !may_still_become(&current.terms, &input) {
        return Err(Error::new(Code::ContractInForce));
    }
    let mut faults = cofunders::check_known(tx, &input.signatories, "/signatories")?;
    faults.extend(misplaced_labels(tx, Some(&current), &input)?);
    all_right(faults)?;
    let row = dsl::contracts.find(id).filter(dsl::version.eq(current.version));
    changed_once(
        diesel::update(row)
            .set((
                dsl::version.eq(current.version + 1),
                dsl::reference_key.eq(reference_key(&input.reference)),
                dsl::terms.eq(Json::new(input.clone())?),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    events::record(tx, actor, Event::ContractUpdated, id, &input)?;
    find(tx, Some(&actor.principal), id)
}

/// Whether a contract with a signature may become `after` without an amendment.
fn may_still_become(before: &ContractInput, after: &ContractInput) -> bool {
    let kept_up =
        ContractInput { labels: after.labels.clone(), documents: after.documents.clone(), ..before.clone() };
    kept_up == *after && documents::are_kept(&before.documents, &after.documents)
}

/// A label is attached to a challenge of the contract as it was when the label was awarded. Those that stay as they are
/// were judged when they came.
fn misplaced_labels(
    tx: &mut DbConnection,
    current: Option<&Row>,
    input: &ContractInput,
) -> Result<Vec<Fault>> {
    let amendments = current.map_or_else(|| Ok(Vec::new()), |row| signed_amendments(tx, row.id))?;
    let is_known = |label: &Label| current.is_some_and(|row| row.terms.labels.contains(label));
    let mut faults = Vec::new();
    for (place, label) in input.labels.iter().enumerate().filter(|(_, label)| !is_known(label)) {
        let Some(number) = label.challenge else { continue };
        let earlier: Vec<_> =
            amendments.iter().filter(|one| one.in_force_from <= label.since).cloned().collect();
        let (terms, _) = fold(input, &earlier);
        if !terms.contract.challenges.iter().any(|known| known.number == number) {
            faults.push(Fault::unknown(format!("/labels/{place}/challenge"), ("challenge", "enjeu"), number));
        }
    }
    Ok(faults)
}
