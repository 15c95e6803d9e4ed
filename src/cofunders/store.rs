//! Co-funders in the database.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::{CoFunder, CoFunderInput};
use crate::db::schema::co_funders::dsl;
use crate::db::{DbConnection, changed_once};
use crate::error::{Error, Fault, Result};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, IfMatch, Patch, Walk};
use crate::types::CoFunderId;
use crate::walked;

pub fn load(connection: &mut DbConnection, id: CoFunderId) -> Result<CoFunder> {
    let found = dsl::co_funders.find(id).select(CoFunder::as_select()).first(connection).optional()?;
    found.ok_or_else(Error::not_found)
}

pub fn list(connection: &mut DbConnection, walk: &Walk) -> Result<Vec<CoFunder>> {
    let query = dsl::co_funders.select(CoFunder::as_select()).into_boxed();
    Ok(walked!(query, dsl::id, walk).load(connection)?)
}

pub fn create(tx: &mut DbConnection, actor: &Actor, input: &CoFunderInput) -> Result<CoFunder> {
    let id = CoFunderId::generate();
    diesel::insert_into(dsl::co_funders)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::name.eq(&input.name),
            dsl::kind.eq(input.kind),
            dsl::siret.eq(&input.siret),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)?;
    let made = load(tx, id)?;
    events::record(tx, actor, Event::CoFunderCreated, id, &made)?;
    Ok(made)
}

pub fn change(
    tx: &mut DbConnection,
    actor: &Actor,
    id: CoFunderId,
    if_match: &IfMatch,
    patch: &Patch<CoFunderInput>,
) -> Result<CoFunder> {
    let current = load(tx, id)?;
    if_match.check(&ETag::version(current.version))?;
    let version = current.version;
    let before = CoFunderInput::from(current.clone());
    let input = patch.apply(&before)?;
    if input == before {
        return Ok(current);
    }
    let row = dsl::co_funders.find(id).filter(dsl::version.eq(version));
    changed_once(
        diesel::update(row)
            .set((
                dsl::version.eq(version + 1),
                dsl::name.eq(&input.name),
                dsl::kind.eq(input.kind),
                dsl::siret.eq(&input.siret),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    let changed = load(tx, id)?;
    events::record(tx, actor, Event::CoFunderUpdated, id, &changed)?;
    Ok(changed)
}

/// The names of those co-funders that exist.
pub fn names(connection: &mut DbConnection, ids: &[CoFunderId]) -> Result<HashMap<CoFunderId, String>> {
    let rows: Vec<(CoFunderId, String)> =
        dsl::co_funders.filter(dsl::id.eq_any(ids)).select((dsl::id, dsl::name)).load(connection)?;
    Ok(rows.into_iter().collect())
}

/// The faults of a list of co-funders: unknown ones and those given twice. `pointer` is that of the list.
pub fn check_known(connection: &mut DbConnection, ids: &[CoFunderId], pointer: &str) -> Result<Vec<Fault>> {
    let known = names(connection, ids)?;
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (place, id) in ids.iter().enumerate() {
        let here = format!("{pointer}/{place}");
        if !known.contains_key(id) {
            faults.push(Fault::unknown(here, ("co-funder", "cofinanceur"), id));
        } else if !seen.insert(*id) {
            faults.push(Fault::duplicate(here, id));
        }
    }
    Ok(faults)
}
