//! Envelopes in hand: what is in them and what has been granted out of them, while pushes are judged one after the other.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use super::api::EnvelopePart;
use super::rules::{self, Grants};
use crate::db::schema::{decisions::dsl as decision, envelopes::dsl};
use crate::db::{DbConnection, Json};
use crate::error::Result;
use crate::types::{CallId, CoFunderId, Credits, EnvelopeId, Firmness, Money};

/// The envelope of a co-funder in a call, and what it has committed of it.
#[derive(Debug, Clone)]
pub struct Purse {
    pub parts: Vec<EnvelopePart>,
    pub grants: Vec<Grants>,
}

/// The part of an envelope a grant comes out of: what is in it, and what is committed of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub amount: Money,
    pub committed: Money,
}

impl Purse {
    /// What there is for a grant out of these credits for that strand. Nothing where no part is for it.
    pub fn room(&self, credits: Credits, strand: &str) -> Room {
        match rules::part_for(&self.parts, credits, strand) {
            Some(part) => {
                Room { amount: part.amount, committed: rules::committed(&self.parts, part, &self.grants) }
            }
            None => Room { amount: Money::ZERO, committed: Money::ZERO },
        }
    }

    pub fn give(&mut self, credits: Credits, strand: &str, amount: Money) {
        match self.grants.iter_mut().find(|one| one.credits == credits && one.strand == strand) {
            Some(known) => known.amount += amount,
            None => self.grants.push(Grants { credits, strand: strand.to_owned(), amount }),
        }
    }

    pub fn take_back(&mut self, credits: Credits, strand: &str, amount: Money) {
        let known = self.grants.iter_mut().find(|one| one.credits == credits && one.strand == strand);
        if let Some(known) = known {
            known.amount = known.amount.minus(amount);
        }
    }
}

/// The envelopes of these co-funders in these calls.
pub type Purses = HashMap<(CallId, CoFunderId), Purse>;

/// Holds the envelopes of these co-funders in these calls until the transaction ends, always in the same order: nobody
/// else commits money out of them. SQLite has one writer, which holds all.
pub fn hold(tx: &mut DbConnection, calls: &[CallId], co_funders: &[CoFunderId]) -> Result<()> {
    if let DbConnection::Postgres(postgres) = tx {
        let all =
            dsl::envelopes.filter(dsl::call_id.eq_any(calls)).filter(dsl::co_funder_id.eq_any(co_funders));
        all.order(dsl::id).select(dsl::id).for_update().load::<EnvelopeId>(postgres)?;
    }
    Ok(())
}

pub fn purses(connection: &mut DbConnection, calls: &[CallId], co_funders: &[CoFunderId]) -> Result<Purses> {
    type Columns = (CallId, CoFunderId, Json<Vec<EnvelopePart>>);
    let rows: Vec<Columns> = dsl::envelopes
        .filter(dsl::call_id.eq_any(calls))
        .filter(dsl::co_funder_id.eq_any(co_funders))
        .select((dsl::call_id, dsl::co_funder_id, dsl::parts))
        .load(connection)?;
    let mut purses: Purses = rows
        .into_iter()
        .map(|(call, co_funder, parts)| {
            ((call, co_funder), Purse { parts: parts.into_inner(), grants: Vec::new() })
        })
        .collect();
    // A sum of bigints is a numeric in PostgreSQL: both databases are asked for a bigint.
    let sum = diesel::dsl::sql::<Nullable<BigInt>>("CAST(SUM(granted) AS BIGINT)");
    let sums: Vec<(CallId, CoFunderId, Credits, String, Option<Money>)> = decision::decisions
        .group_by((decision::call_id, decision::co_funder_id, decision::credits, decision::strand))
        .select((decision::call_id, decision::co_funder_id, decision::credits, decision::strand, sum))
        .filter(decision::call_id.eq_any(calls))
        .filter(decision::co_funder_id.eq_any(co_funders))
        .filter(decision::firmness.eq_any(Firmness::COMMITTING).and(decision::standing.eq(true)))
        .load(connection)?;
    for (call, co_funder, credits, strand, amount) in sums {
        if let Some(purse) = purses.get_mut(&(call, co_funder)) {
            purse.give(credits, &strand, amount.unwrap_or_default());
        }
    }
    Ok(purses)
}
