//! Organisations in the database. An applicant sees its own, the staff all; a co-funder and the council see those whose
//! application was received in a call of theirs, and a co-funder the people of those that ask it for something.

use std::collections::HashSet;

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{Organisation, OrganisationInput};
use crate::auth::{Binding, Principal};
use crate::db::schema::{
    application_entries, applications, calls, entry_co_funders, envelopes, organisations, organisations::dsl,
};
use crate::db::{Backend, DbConnection, Json, changed_once};
use crate::error::{Code, Error, Fault, FaultCode, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, IfMatch, Patch, Walk};
use crate::search::{self, Holder, Names, Query, Subject, Wanted};
use crate::types::{CoFunderId, ContractId, Instant, OrganisationId, Rna, Siret};
use crate::walked;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = organisations)]
struct Row {
    id: OrganisationId,
    version: i64,
    content: Json<OrganisationInput>,
    created_at: Instant,
    updated_at: Instant,
}

impl Row {
    fn shown(self, with_people: bool) -> Organisation {
        let content = self.content.into_inner();
        Organisation {
            id: self.id,
            version: self.version,
            name: content.name,
            acronym: content.acronym,
            legal_form: content.legal_form,
            siret: content.siret,
            rna: content.rna,
            purpose: content.purpose,
            addresses: with_people.then_some(content.addresses),
            legal_representative: content.legal_representative.filter(|_| with_people),
            contacts: with_people.then_some(content.contacts),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// The organisations a client may see. The staff sees all, lest it make an organisation twice; a co-funder and the council
/// those that applied in a call of theirs, once something was received. Drafts tell them nothing.
fn visible<'a>(principal: &Principal) -> organisations::BoxedQuery<'a, Backend> {
    use application_entries::dsl as list;
    let all = dsl::organisations.into_boxed::<Backend>();
    let received = || {
        let theirs = list::application_entries.filter(list::organisation_id.eq(dsl::id));
        theirs.filter(list::readers.ne("inside"))
    };
    match principal.binding {
        Binding::Staff | Binding::Instruction(_) => all,
        Binding::Organisation(own) => all.filter(dsl::id.eq(own)),
        Binding::CoFunder(own) => {
            let its_envelope = envelopes::table
                .filter(envelopes::call_id.eq(list::call_id).and(envelopes::co_funder_id.eq(own)));
            all.filter(exists(received().filter(exists(its_envelope))))
        }
        Binding::Council(contract) => {
            let its_call =
                calls::table.filter(calls::id.eq(list::call_id).and(calls::contract_id.eq(contract)));
            all.filter(exists(received().filter(exists(its_call))))
        }
    }
}

/// Those of the organisations that ask this co-funder for something, in an application it may see.
fn that_ask(
    connection: &mut DbConnection,
    co_funder: CoFunderId,
    ids: &[OrganisationId],
) -> Result<HashSet<OrganisationId>> {
    use application_entries::dsl as list;
    use entry_co_funders::dsl as asked;
    // What it does not read yet, drafts and corrections, asks it for nothing.
    let asking: Vec<OrganisationId> = list::application_entries
        .inner_join(asked::entry_co_funders)
        .filter(asked::co_funder_id.eq(co_funder))
        .filter(list::readers.ne("inside"))
        .filter(list::organisation_id.eq_any(ids))
        .select(list::organisation_id)
        .distinct()
        .load(connection)?;
    Ok(asking.into_iter().collect())
}

/// Those of the organisations that the staff of a contract works with: they apply in it, or nowhere yet.
fn that_apply_in(
    connection: &mut DbConnection,
    contract: ContractId,
    ids: &[OrganisationId],
) -> Result<HashSet<OrganisationId>> {
    let applying: Vec<(OrganisationId, ContractId)> = applications::table
        .inner_join(calls::table)
        .filter(applications::organisation_id.eq_any(ids))
        .select((applications::organisation_id, calls::contract_id))
        .distinct()
        .load(connection)?;
    let elsewhere_only = |id: &OrganisationId| {
        let mut own = applying.iter().filter(|(organisation, _)| organisation == id).peekable();
        own.peek().is_some() && own.all(|(_, other)| *other != contract)
    };
    Ok(ids.iter().filter(|id| !elsewhere_only(id)).copied().collect())
}

/// Those of the organisations that this client has to do with.
fn known_to(
    connection: &mut DbConnection,
    principal: &Principal,
    ids: &[OrganisationId],
) -> Result<HashSet<OrganisationId>> {
    match principal.binding {
        Binding::Staff => Ok(ids.iter().copied().collect()),
        Binding::Instruction(contract) => that_apply_in(connection, contract, ids),
        Binding::Organisation(own) => Ok(ids.iter().filter(|id| **id == own).copied().collect()),
        Binding::CoFunder(own) => that_ask(connection, own, ids),
        Binding::Council(_) => Ok(HashSet::new()),
    }
}

/// The rows as this client may see them: their people only where it has to do with them.
fn shown(connection: &mut DbConnection, principal: &Principal, rows: Vec<Row>) -> Result<Vec<Organisation>> {
    let ids: Vec<OrganisationId> = rows.iter().map(|row| row.id).collect();
    let known = known_to(connection, principal, &ids)?;
    Ok(rows
        .into_iter()
        .map(|row| (known.contains(&row.id), row))
        .map(|(known, row)| row.shown(known))
        .collect())
}

fn one_shown(connection: &mut DbConnection, principal: &Principal, row: Row) -> Result<Organisation> {
    shown(connection, principal, vec![row])?.pop().ok_or_else(Error::not_found)
}

fn find(connection: &mut DbConnection, principal: &Principal, id: OrganisationId) -> Result<Row> {
    let found = visible(principal).filter(dsl::id.eq(id)).select(Row::as_select());
    found.first(connection).optional()?.ok_or_else(Error::not_found)
}

/// The organisation, if this client may see it.
pub fn load(
    connection: &mut DbConnection,
    principal: &Principal,
    id: OrganisationId,
) -> Result<Organisation> {
    let row = find(connection, principal, id)?;
    one_shown(connection, principal, row)
}

pub fn list(
    connection: &mut DbConnection,
    principal: &Principal,
    q: Option<&Query>,
    walk: &Walk,
) -> Result<Vec<Organisation>> {
    if q.is_some_and(Query::is_empty) {
        return Ok(Vec::new());
    }
    let mut query = visible(principal);
    for word in q.map(Query::words).unwrap_or_default() {
        query = query.filter(has_word::<organisations::table>(connection, "organisations.id", word));
    }
    let rows = walked!(query, dsl::id, walk).select(Row::as_select()).load(connection)?;
    shown(connection, principal, rows)
}

/// What an organisation is found by.
fn keep_text(tx: &mut DbConnection, id: OrganisationId, input: &OrganisationInput) -> Result<()> {
    search::keep(
        tx,
        Subject::Organisation(id),
        &[&input.name, input.acronym.as_deref().unwrap_or_default()],
    )?;
    Ok(())
}

/// That the organisation whose id is in `column` has this word.
pub fn has_word<Source: 'static>(
    connection: &DbConnection,
    column: &'static str,
    word: &Wanted,
) -> search::Condition<Source> {
    search::holds(connection, Holder::Organisation, Names::Subject(column), word)
}

/// The organisation that holds this SIRET, or this RNA number.
fn holder(tx: &mut DbConnection, siret: Option<&Siret>, rna: Option<&Rna>) -> Result<Option<Row>> {
    let mut query = dsl::organisations.select(Row::as_select()).into_boxed();
    query = match (siret, rna) {
        (Some(siret), _) => query.filter(dsl::siret.eq(siret)),
        (None, Some(rna)) => query.filter(dsl::rna.eq(rna)),
        (None, None) => return Ok(None),
    };
    Ok(query.first(tx).optional()?)
}

/// The organisation that an organisation to be made is already: by its SIRET, or by its RNA number when it has no other.
fn already(tx: &mut DbConnection, input: &OrganisationInput) -> Result<Option<Row>> {
    if let Some(row) = holder(tx, input.siret.as_ref(), None)? {
        all_right(other_rna(&row.content, input).into_iter().collect())?;
        return Ok(Some(row));
    }
    let row = holder(tx, None, input.rna.as_ref())?;
    match &row {
        Some(known) if input.siret.is_some() => {
            let (en, fr) = match &known.content.siret {
                Some(_) => (
                    "is the number of an organisation with another SIRET",
                    "est le numéro d’une organisation qui a un autre SIRET",
                ),
                None => (
                    "is the number of an organisation recorded without a SIRET: change that organisation to add it",
                    "est le numéro d’une organisation enregistrée sans SIRET : modifiez celle-ci pour l’ajouter",
                ),
            };
            Err(Error::invalid(vec![Fault::new("/rna", FaultCode::Duplicate, en, fr)]))
        }
        _ => Ok(row),
    }
}

/// The RNA number given with a known SIRET must be the one on record: creating an organisation again changes nothing, so that
/// another number would be lost silently. The sentence is the same whether or not an organisation has that number.
fn other_rna(known: &OrganisationInput, input: &OrganisationInput) -> Option<Fault> {
    let given = input.rna.as_ref()?;
    let (en, fr) = match &known.rna {
        Some(own) if own == given => return None,
        Some(_) => (
            "is not the number of the organisation with this SIRET",
            "n’est pas le numéro de l’organisation qui a ce SIRET",
        ),
        None => (
            "is not on record for the organisation with this SIRET: change that organisation to add it",
            "n’est pas enregistré pour l’organisation qui a ce SIRET : modifiez celle-ci pour l’ajouter",
        ),
    };
    Some(Fault::new("/rna", FaultCode::NotAllowedValue, en, fr))
}

/// The organisations that have this word, `most` at the most.
pub fn with_word(connection: &mut DbConnection, word: &Wanted, most: i64) -> Result<Vec<OrganisationId>> {
    let found = search::with_word(connection, Holder::Organisation, word, most)?;
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

/// What these organisations are called.
pub fn names(
    connection: &mut DbConnection,
    ids: &[OrganisationId],
) -> Result<HashMap<OrganisationId, String>> {
    let named = dsl::organisations.filter(dsl::id.eq_any(ids)).select((dsl::id, dsl::name));
    Ok(named.load::<(OrganisationId, String)>(connection)?.into_iter().collect())
}

/// Makes an organisation, or answers the one that holds its identifiers already, unchanged; whether it was made. A client
/// bound to one cannot make another.
pub fn create(
    tx: &mut DbConnection,
    actor: &Actor,
    input: &OrganisationInput,
) -> Result<(Organisation, bool)> {
    if let Binding::Organisation(own) = actor.principal.binding {
        // Whether somebody else's identifiers are known here is none of its business.
        let row = find(tx, &actor.principal, own)?;
        let same =
            input.siret == row.content.siret && (input.siret.is_some() || input.rna == row.content.rna);
        if !same {
            return Err(Error::new(Code::NotYourInstitution));
        }
        all_right(other_rna(&row.content, input).into_iter().collect())?;
        return Ok((row.shown(true), false));
    }
    if !actor.principal.is_staff() {
        return Err(Error::new(Code::NotYourInstitution));
    }
    if let Some(row) = already(tx, input)? {
        return Ok((one_shown(tx, &actor.principal, row)?, false));
    }
    let id = OrganisationId::generate();
    let inserted = diesel::insert_into(dsl::organisations)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::name.eq(&input.name),
            dsl::siret.eq(&input.siret),
            dsl::rna.eq(&input.rna),
            dsl::content.eq(Json::new(input.clone())?),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx);
    // Somebody made it at the same moment: the next run finds it.
    inserted.map_err(|cause| Error::from(cause).retryable())?;
    keep_text(tx, id, input)?;
    let made = find(tx, &actor.principal, id)?;
    events::record(tx, actor, Event::OrganisationCreated, id, &made.clone().shown(false))?;
    Ok((made.shown(true), true))
}

pub fn change(
    tx: &mut DbConnection,
    actor: &Actor,
    id: OrganisationId,
    if_match: &IfMatch,
    patch: &Patch<OrganisationInput>,
) -> Result<Organisation> {
    let current = find(tx, &actor.principal, id)?;
    let own = actor.principal.binding == Binding::Organisation(id);
    let instructs = actor.principal.is_staff() && known_to(tx, &actor.principal, &[id])?.contains(&id);
    if !own && !instructs {
        return Err(Error::new(Code::NotYourInstitution));
    }
    if_match.check(&ETag::version(current.version))?;
    let input = patch.apply(&current.content)?;
    if input == *current.content {
        return Ok(current.shown(true));
    }
    check_identifiers(tx, &current, &input, own)?;
    let row = dsl::organisations.find(id).filter(dsl::version.eq(current.version));
    changed_once(
        diesel::update(row)
            .set((
                dsl::version.eq(current.version + 1),
                dsl::name.eq(&input.name),
                dsl::siret.eq(&input.siret),
                dsl::rna.eq(&input.rna),
                dsl::content.eq(Json::new(input.clone())?),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    keep_text(tx, id, &input)?;
    let changed = find(tx, &actor.principal, id)?;
    events::record(tx, actor, Event::OrganisationUpdated, id, &changed.clone().shown(false))?;
    Ok(changed.shown(true))
}

/// Who holds an identifier is who money goes to: the staff alone gives and changes it, and never another's. An organisation
/// that could give itself one would learn which are taken, that is who else applies.
fn check_identifiers(
    tx: &mut DbConnection,
    current: &Row,
    input: &OrganisationInput,
    own: bool,
) -> Result<()> {
    let known = &current.content;
    let changed = [("/siret", input.siret != known.siret), ("/rna", input.rna != known.rna)];
    let fixed = changed.iter().filter(|(_, changed)| own && *changed).map(|(pointer, _)| {
        let (en, fr) =
            ("is given and changed by the staff alone", "est attribué et modifié par les seuls instructeurs");
        Fault::new(*pointer, FaultCode::NotAllowedValue, en, fr)
    });
    all_right(fixed.collect())?;
    let mut taken = Vec::new();
    let holders = [
        ("/siret", holder(tx, input.siret.as_ref(), None)?),
        ("/rna", holder(tx, None, input.rna.as_ref())?),
    ];
    for (pointer, holder) in holders {
        if holder.is_some_and(|holder| holder.id != current.id) {
            let (en, fr) = ("is another organisation’s", "est celui d’une autre organisation");
            taken.push(Fault::new(pointer, FaultCode::Duplicate, en, fr));
        }
    }
    if taken.is_empty() { Ok(()) } else { Err(Error::new(Code::Conflict).faults(taken)) }
}
