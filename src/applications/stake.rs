//! What decisions are measured against: who is asked for what, what the action costs, where it belongs. An application's
//! content is ten times as large, and a batch reads a thousand of them.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::content::{ApplicationInput, FundingRequest};
use super::funding::Asked;
use super::rules::{budgeted_charges, other_public_money};
use super::status::ApplicationStatus;
use super::store::visible;
use crate::auth::Principal;
use crate::db::schema::{application_references, applications, applications::dsl};
use crate::db::{DbConnection, Json};
use crate::error::Result;
use crate::types::{ApplicationId, CallId, CoFunderId, Credits, Money, OrganisationId};

/// An application, as far as decisions go.
#[derive(Debug, Clone)]
pub struct Stake {
    pub id: ApplicationId,
    pub call_id: CallId,
    pub organisation_id: OrganisationId,
    pub number: String,
    pub status: ApplicationStatus,
    pub title: String,
    pub strand: String,
    pub requests: Vec<FundingRequest>,
    pub floor: Option<Money>,
    /// What it costs in money in the call's year.
    pub charges: Money,
    /// Public money that is not asked of the call's co-funders.
    pub other_public_money: Money,
}

/// What of an application's content decisions need. Amounts are in cents: a batch reads thousands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Terms {
    title: String,
    strand: String,
    requests: Vec<(CoFunderId, i64, Credits)>,
    floor: Option<i64>,
    charges: i64,
    other_public_money: i64,
}

impl From<&ApplicationInput> for Terms {
    fn from(input: &ApplicationInput) -> Self {
        let request = |one: &FundingRequest| (one.co_funder_id, one.amount.cents(), one.credits);
        Self {
            title: input.title.clone(),
            strand: input.strand.clone().unwrap_or_default(),
            requests: input.requests.iter().map(request).collect(),
            floor: input.viability_floor.map(Money::cents),
            charges: budgeted_charges(&input.budget).cents(),
            other_public_money: other_public_money(&input.budget).cents(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = applications)]
struct Row {
    id: ApplicationId,
    call_id: CallId,
    organisation_id: OrganisationId,
    number: Option<String>,
    status: ApplicationStatus,
    stake: Json<Terms>,
}

impl From<Row> for Stake {
    fn from(row: Row) -> Self {
        let terms = row.stake.into_inner();
        let request = |(co_funder_id, cents, credits)| FundingRequest {
            co_funder_id,
            amount: Money::from_cents(cents),
            credits,
        };
        Self {
            id: row.id,
            call_id: row.call_id,
            organisation_id: row.organisation_id,
            number: row.number.unwrap_or_default(),
            status: row.status,
            title: terms.title,
            strand: terms.strand,
            requests: terms.requests.into_iter().map(request).collect(),
            floor: terms.floor.map(Money::from_cents),
            charges: Money::from_cents(terms.charges),
            other_public_money: Money::from_cents(terms.other_public_money),
        }
    }
}

impl Stake {
    pub fn asked(&self) -> Asked<'_> {
        Asked { requests: &self.requests, floor: self.floor }
    }
}

/// Those of these applications that a client may see.
pub fn stakes(
    connection: &mut DbConnection,
    principal: &Principal,
    ids: &[ApplicationId],
) -> Result<Vec<Stake>> {
    let rows: Vec<Row> =
        visible(principal).filter(dsl::id.eq_any(ids)).select(Row::as_select()).load(connection)?;
    Ok(rows.into_iter().map(Stake::from).collect())
}

/// The applications of a call that decisions are on, with their numbers.
pub fn decided_on(connection: &mut DbConnection, call: CallId) -> Result<Vec<(ApplicationId, String)>> {
    let numbered = dsl::applications
        .filter(dsl::call_id.eq(call))
        .filter(dsl::status.eq_any(ApplicationStatus::DECIDED_ON));
    let numbered = numbered.filter(dsl::number.is_not_null());
    Ok(numbered.select((dsl::id, dsl::number.assume_not_null())).load(connection)?)
}

/// Holds these applications until the transaction ends, always in the same order. SQLite has one writer, which holds all.
pub fn hold(tx: &mut DbConnection, ids: &[ApplicationId]) -> Result<()> {
    if let DbConnection::Postgres(postgres) = tx {
        let held = dsl::applications.filter(dsl::id.eq_any(ids)).order(dsl::id).select(dsl::id);
        held.for_update().load::<ApplicationId>(postgres)?;
    }
    Ok(())
}

/// Holds all applications of a call until the transaction ends.
pub fn hold_all_of(tx: &mut DbConnection, call: CallId) -> Result<()> {
    if let DbConnection::Postgres(postgres) = tx {
        let held = dsl::applications.filter(dsl::call_id.eq(call)).order(dsl::id).select(dsl::id);
        held.for_update().load::<ApplicationId>(postgres)?;
    }
    Ok(())
}

/// The applications a client may see that have these numbers in these calls.
pub fn by_number(
    connection: &mut DbConnection,
    principal: &Principal,
    calls: &[CallId],
    numbers: &[&str],
) -> Result<Vec<(CallId, String, ApplicationId)>> {
    let numbered = visible(principal).filter(dsl::call_id.eq_any(calls)).filter(dsl::number.eq_any(numbers));
    let rows = numbered.select((dsl::call_id, dsl::number.assume_not_null(), dsl::id));
    Ok(rows.load(connection)?)
}

/// An application that another system knows under a reference.
#[derive(Debug, Clone)]
pub struct Referred {
    pub system: String,
    /// The reference without case and blanks.
    pub reference_key: String,
    pub id: ApplicationId,
    pub call: CallId,
    /// Whether it is one that decisions are recorded on.
    pub decided_on: bool,
}

/// The applications a client may see that other systems know under these references, given without case and blanks.
pub fn by_reference(
    connection: &mut DbConnection,
    principal: &Principal,
    reference_keys: &[String],
) -> Result<Vec<Referred>> {
    use application_references::dsl as known;
    let rows: Vec<(String, String, ApplicationId)> = known::application_references
        .filter(known::reference_key.eq_any(reference_keys))
        .select((known::system, known::reference_key, known::application_id))
        .load(connection)?;
    let ids: Vec<ApplicationId> = rows.iter().map(|(_, _, id)| *id).collect();
    let seen: Vec<(ApplicationId, CallId, ApplicationStatus)> = visible(principal)
        .filter(dsl::id.eq_any(ids))
        .select((dsl::id, dsl::call_id, dsl::status))
        .load(connection)?;
    let seen: HashMap<ApplicationId, (CallId, ApplicationStatus)> =
        seen.into_iter().map(|(id, call, status)| (id, (call, status))).collect();
    let found = |(system, reference_key, id): (String, String, ApplicationId)| {
        let (call, status) = seen.get(&id)?;
        Some(Referred {
            system,
            reference_key,
            id,
            call: *call,
            decided_on: ApplicationStatus::DECIDED_ON.contains(status),
        })
    };
    Ok(rows.into_iter().filter_map(found).collect())
}
