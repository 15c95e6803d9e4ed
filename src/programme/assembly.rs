//! A programme put together: whole, or written out row by row.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Write;

use serde::Serialize;
use serde::ser::{Error as _, SerializeSeq, SerializeStruct, Serializer};

use super::api::{Programme, ProgrammeCoFunder, RowOrder};
use super::rows::{Rows, Source};
use super::sums::Sums;
use crate::applications::Funding;
use crate::auth::Principal;
use crate::calls::{self, CallRow, Envelope, Purses};
use crate::db::DbConnection;
use crate::error::{Error, Result};
use crate::types::ApplicationId;

/// What a programme is supposed to be like where it differs from what is recorded.
#[derive(Default)]
pub struct Supposed {
    pub fundings: HashMap<ApplicationId, Funding>,
    pub purses: Option<Purses>,
}

/// The whole programme of a call, by number.
pub fn whole(
    connection: &mut DbConnection,
    principal: &Principal,
    call: &CallRow,
    supposed: &Supposed,
) -> Result<Programme> {
    let source = Source { principal, call: call.id, supposed: &supposed.fundings };
    let mut rows = Rows::new(connection, &source, RowOrder::default())?;
    let listed = rows.rest()?;
    let envelopes = calls::envelopes(rows.connection(), call.id, supposed.purses.as_ref())?;
    Ok(Programme {
        call_id: call.id,
        year: call.terms.year,
        title: call.terms.title.clone(),
        rows: listed,
        totals: rows.sums.totals.clone(),
        co_funders: co_funders(call, envelopes, &rows.sums),
        by_credits: rows.sums.by_credits(),
        by_strand: rows.sums.by_strand(),
    })
}

/// The co-funders of a call in the order in which they launched it.
pub fn co_funders(call: &CallRow, envelopes: Vec<Envelope>, sums: &Sums) -> Vec<ProgrammeCoFunder> {
    let mut envelopes: HashMap<_, Envelope> =
        envelopes.into_iter().map(|envelope| (envelope.co_funder_id, envelope)).collect();
    let found = call.terms.launched_by.iter().filter_map(|id| envelopes.remove(id));
    found
        .map(|envelope| ProgrammeCoFunder {
            co_funder_id: envelope.co_funder_id,
            name: envelope.name.clone(),
            amounts: sums.of_co_funder(envelope.co_funder_id),
            envelope,
        })
        .collect()
}

/// Writes the programme of a call as JSON, a row at a time.
pub fn write_json(
    connection: &mut DbConnection,
    source: &Source<'_>,
    call: &CallRow,
    order: RowOrder,
    out: impl Write,
) -> Result<()> {
    let rows = RefCell::new(Rows::new(connection, source, order)?);
    let written = Written { rows: &rows, call, failure: RefCell::new(None) };
    let outcome = serde_json::to_writer(out, &written);
    match (outcome, written.failure.into_inner()) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(failure)) => Err(failure),
        (Err(cause), None) => Err(Error::internal(cause)),
    }
}

/// A `Programme` whose rows are read while it is written.
struct Written<'a, 'b> {
    rows: &'a RefCell<Rows<'b>>,
    call: &'a CallRow,
    /// What went wrong underneath, which a serializer cannot tell.
    failure: RefCell<Option<Error>>,
}

impl Written<'_, '_> {
    fn told<T, E: serde::ser::Error>(&self, outcome: Result<T>) -> std::result::Result<T, E> {
        outcome.map_err(|failure| {
            let told = E::custom(&failure);
            *self.failure.borrow_mut() = Some(failure);
            told
        })
    }
}

impl Serialize for Written<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut programme = serializer.serialize_struct("Programme", 8)?;
        programme.serialize_field("callId", &self.call.id)?;
        programme.serialize_field("year", &self.call.terms.year)?;
        programme.serialize_field("title", &self.call.terms.title)?;
        programme.serialize_field("rows", &Listed(self))?;
        let mut rows = self.rows.borrow_mut();
        let envelopes = self.told(calls::envelopes(rows.connection(), self.call.id, None))?;
        programme.serialize_field("totals", &rows.sums.totals)?;
        programme.serialize_field("coFunders", &co_funders(self.call, envelopes, &rows.sums))?;
        programme.serialize_field("byCredits", &rows.sums.by_credits())?;
        programme.serialize_field("byStrand", &rows.sums.by_strand())?;
        programme.end()
    }
}

struct Listed<'a, 'b, 'c>(&'a Written<'b, 'c>);

impl Serialize for Listed<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut rows = self.0.rows.try_borrow_mut().map_err(S::Error::custom)?;
        while let Some(row) = self.0.told(rows.next_row())? {
            list.serialize_element(&row)?;
        }
        list.end()
    }
}
