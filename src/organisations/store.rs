//! Organisations in the database. An applicant sees its own; the partners see all.

use diesel::prelude::*;

use super::{Organisation, OrganisationInput};
use crate::auth::{Binding, Principal};
use crate::db::schema::organisations::dsl;
use crate::db::{DbConnection, changed_once};
use crate::error::{Code, Error, Result};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, IfMatch, Patch, Walk};
use crate::types::OrganisationId;
use crate::walked;

fn sees(principal: &Principal, id: OrganisationId) -> bool {
    match principal.binding {
        Binding::Organisation(own) => own == id,
        Binding::Staff | Binding::CoFunder(_) | Binding::Council(_) => true,
    }
}

/// The organisation, if this client may see it.
pub fn load(
    connection: &mut DbConnection,
    principal: &Principal,
    id: OrganisationId,
) -> Result<Organisation> {
    let found = dsl::organisations.find(id).select(Organisation::as_select()).first(connection).optional()?;
    found.filter(|_| sees(principal, id)).ok_or_else(Error::not_found)
}

pub fn list(connection: &mut DbConnection, principal: &Principal, walk: &Walk) -> Result<Vec<Organisation>> {
    let mut query = dsl::organisations.select(Organisation::as_select()).into_boxed();
    if let Binding::Organisation(own) = principal.binding {
        query = query.filter(dsl::id.eq(own));
    }
    Ok(walked!(query, dsl::id, walk).load(connection)?)
}

/// Makes an organisation. A client bound to one cannot make another.
pub fn create(tx: &mut DbConnection, actor: &Actor, input: &OrganisationInput) -> Result<Organisation> {
    if actor.principal.binding != Binding::Staff {
        return Err(Error::new(Code::NotYourInstitution));
    }
    let id = OrganisationId::generate();
    diesel::insert_into(dsl::organisations)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::name.eq(&input.name),
            dsl::siret.eq(&input.siret),
            dsl::rna.eq(&input.rna),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)?;
    let made = load(tx, &actor.principal, id)?;
    events::record(tx, actor, Event::OrganisationCreated, id, &made)?;
    Ok(made)
}

pub fn change(
    tx: &mut DbConnection,
    actor: &Actor,
    id: OrganisationId,
    if_match: &IfMatch,
    patch: &Patch<OrganisationInput>,
) -> Result<Organisation> {
    let current = load(tx, &actor.principal, id)?;
    if !matches!(actor.principal.binding, Binding::Staff | Binding::Organisation(_)) {
        return Err(Error::new(Code::NotYourInstitution));
    }
    if_match.check(&ETag::version(current.version))?;
    let version = current.version;
    let before = OrganisationInput::from(current.clone());
    let input = patch.apply(&before)?;
    if input == before {
        return Ok(current);
    }
    let row = dsl::organisations.find(id).filter(dsl::version.eq(version));
    changed_once(
        diesel::update(row)
            .set((
                dsl::version.eq(version + 1),
                dsl::name.eq(&input.name),
                dsl::siret.eq(&input.siret),
                dsl::rna.eq(&input.rna),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    let changed = load(tx, &actor.principal, id)?;
    events::record(tx, actor, Event::OrganisationUpdated, id, &changed)?;
    Ok(changed)
}
