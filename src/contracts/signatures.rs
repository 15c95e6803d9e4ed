//! Signatures: each institution signs with its own client; the last one brings into force.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::amendments::{self, check_applicable};
use super::api::{Signatory, SignatureInput};
use super::{store, view};
use crate::db::DbConnection;
use crate::db::schema::{
    amendment_signatures, amendments as amendment_table, contract_signatures, contracts,
};
use crate::error::{Code, Error, Fault, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, IfMatch};
use crate::types::{AmendmentId, CoFunderId, ContractId};

/// The signatory this client signs for.
fn signer(actor: &Actor, signatories: &[Signatory], input: &SignatureInput) -> Result<CoFunderId> {
    let own =
        actor.principal.co_funder().filter(|own| signatories.iter().any(|one| one.co_funder_id == *own));
    let own = own.ok_or_else(|| {
        let (en, fr) =
            ("this client's institution does not sign here", "l’institution de ce client ne signe pas ici");
        Error::new(Code::NotYourInstitution).detail(en, fr)
    })?;
    if signatories.iter().any(|one| one.co_funder_id == own && one.signed_on.is_some()) {
        let (en, fr) = ("this institution has already signed", "cette institution a déjà signé");
        return Err(Error::new(Code::Conflict).detail(en, fr));
    }
    all_right(Fault::future_day("/signedOn", input.signed_on, actor.now).into_iter().collect())?;
    Ok(own)
}

/// What a signature makes of those who sign.
fn signed_by(signatories: &[Signatory], own: CoFunderId, day: NaiveDate) -> (Signatory, bool) {
    let others = signatories.iter().filter(|one| one.co_funder_id != own);
    let complete = others.clone().all(|one| one.signed_on.is_some());
    let name = signatories.iter().find(|one| one.co_funder_id == own).map(|one| one.name.clone());
    (Signatory { co_funder_id: own, name: name.unwrap_or_default(), signed_on: Some(day) }, complete)
}

/// Signs a contract. Locking its row first, so that of the last two signatures one sees the other.
pub fn sign_contract(
    tx: &mut DbConnection,
    actor: &Actor,
    id: ContractId,
    if_match: &IfMatch,
    input: &SignatureInput,
) -> Result<Signatory> {
    use contract_signatures::dsl as signature;
    store::find(tx, Some(&actor.principal), id)?;
    store::hold(tx, id)?;
    let row = store::find_any(tx, id)?;
    // Who names the text that was read signs that text or none.
    if_match.check_if_sent(&ETag::of(&view::contract(tx, row.clone(), actor.now.date())?)?)?;
    let signatories = store::signatories(tx, id, &row.terms.signatories)?;
    let own = signer(actor, &signatories, input)?;
    diesel::insert_into(signature::contract_signatures)
        .values((
            signature::contract_id.eq(id),
            signature::co_funder_id.eq(own),
            signature::signed_on.eq(input.signed_on),
            signature::recorded_at.eq(actor.now),
        ))
        .execute(tx)?;
    let (signatory, complete) = signed_by(&signatories, own, input.signed_on);
    diesel::update(contracts::table.find(id))
        .set((contracts::signed.eq(complete), contracts::updated_at.eq(actor.now)))
        .execute(tx)?;
    let told = json!({"signatory": signatory, "complete": complete});
    events::record(tx, actor, Event::ContractSigned, id, &told)?;
    Ok(signatory)
}

/// Signs an amendment; the last signature checks once more that it can apply, as others may have come before it.
pub fn sign_amendment(
    tx: &mut DbConnection,
    actor: &Actor,
    id: AmendmentId,
    if_match: &IfMatch,
    input: &SignatureInput,
) -> Result<Signatory> {
    use amendment_signatures::dsl as signature;
    let contract = amendments::find(tx, Some(&actor.principal), id)?.contract_id;
    store::hold(tx, contract)?;
    // The amendment's own row too: its text does not change under the hand that signs.
    let held = amendment_table::table.find(id);
    diesel::update(held).set(amendment_table::version.eq(amendment_table::version + 1)).execute(tx)?;
    let row = amendments::find(tx, Some(&actor.principal), id)?;
    if_match.check_if_sent(&ETag::of(&amendments::view(tx, row.clone(), actor.now.date())?)?)?;
    let required = amendments::required_signatories(tx, &row, actor.now.date())?;
    let signed = store::amendment_signatures(tx, id)?;
    let signatories = store::named(tx, &required, &signed)?;
    let own = signer(actor, &signatories, input)?;
    let (signatory, complete) = signed_by(&signatories, own, input.signed_on);
    diesel::insert_into(signature::amendment_signatures)
        .values((
            signature::amendment_id.eq(id),
            signature::co_funder_id.eq(own),
            signature::signed_on.eq(input.signed_on),
            signature::recorded_at.eq(actor.now),
        ))
        .execute(tx)?;
    if complete {
        check_applicable(tx, contract, id, &row.terms, actor.now.date())?;
    }
    diesel::update(amendment_table::table.find(id))
        .set((amendment_table::signed.eq(complete), amendment_table::updated_at.eq(actor.now)))
        .execute(tx)?;
    let told = json!({"signatory": signatory, "complete": complete});
    events::record(tx, actor, Event::AmendmentSigned, id, &told)?;
    Ok(signatory)
}
