//! Reading the funded projects. One definition of "funded" serves list, table and sums (rule P1).

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::api::{FundedProject, FundedQuery, Share};
use crate::applications::{self, ApplicationHead};
use crate::cofunders;
use crate::db::schema::{
    application_entries, applications::dsl, calls, decisions, entry_challenges, entry_neighbourhoods,
    organisations,
};
use crate::db::{Backend, DbConnection};
use crate::error::{Error, Result};
use crate::http::Walk;
use crate::types::{
    ApplicationId, CallId, CoFunderId, ContractId, Firmness, Money, OrganisationId, Rna, Siret,
};
use crate::walked;

type Applications<'a> = crate::db::schema::applications::BoxedQuery<'a, Backend>;

/// The applications with at least one line granted at firmness `voted` or firmer.
fn funded<'a>(query: &FundedQuery) -> Applications<'a> {
    use decisions::dsl as decision;
    let granting = || {
        decision::decisions
            .filter(decision::firmness.eq_any(Firmness::PUBLIC))
            .filter(decision::granted.gt(Money::ZERO).and(decision::effective.eq(true)))
            .select(decision::application_id)
    };
    let mut all = dsl::applications.into_boxed::<Backend>().filter(dsl::id.eq_any(granting()));
    if let Some(co_funder) = query.co_funder {
        all = all.filter(dsl::id.eq_any(granting().filter(decision::co_funder_id.eq(co_funder))));
    }
    if let Some(year) = query.year {
        all = all.filter(dsl::call_id.eq_any(calls::table.filter(calls::year.eq(year)).select(calls::id)));
    }
    if let Some(contract) = query.contract {
        let its_calls = calls::table.filter(calls::contract_id.eq(contract)).select(calls::id);
        all = all.filter(dsl::call_id.eq_any(its_calls));
    }
    if let Some(call) = query.call {
        all = all.filter(dsl::call_id.eq(call));
    }
    if let Some(strand) = query.strand.clone() {
        all = all.filter(dsl::strand.eq(strand));
    }
    linked(all, query)
}

fn linked<'a>(mut all: Applications<'a>, query: &FundedQuery) -> Applications<'a> {
    use application_entries::dsl as list;
    use entry_challenges::dsl as challenge;
    use entry_neighbourhoods::dsl as neighbourhood;
    if let Some(number) = query.challenge {
        let serving = challenge::entry_challenges.filter(challenge::challenge.eq(number));
        let serving = list::application_entries.filter(list::entry.eq_any(serving.select(challenge::entry)));
        all = all.filter(dsl::id.eq_any(serving.select(list::application_id)));
    }
    if let Some(code) = query.neighbourhood.clone() {
        let there = neighbourhood::entry_neighbourhoods.filter(neighbourhood::neighbourhood.eq(code));
        let there = list::application_entries.filter(list::entry.eq_any(there.select(neighbourhood::entry)));
        all = all.filter(dsl::id.eq_any(there.select(list::application_id)));
    }
    all
}

/// A page of funded projects.
pub fn page(connection: &mut DbConnection, query: &FundedQuery, walk: &Walk) -> Result<Vec<FundedProject>> {
    let heads: Vec<ApplicationHead> =
        walked!(funded(query), dsl::id, walk).select(ApplicationHead::as_select()).load(connection)?;
    complete(connection, heads)
}

/// All funded projects that fit.
pub fn all(connection: &mut DbConnection, query: &FundedQuery) -> Result<Vec<FundedProject>> {
    let heads: Vec<ApplicationHead> =
        funded(query).order(dsl::id).select(ApplicationHead::as_select()).load(connection)?;
    complete(connection, heads)
}

pub fn one(connection: &mut DbConnection, id: ApplicationId) -> Result<FundedProject> {
    let heads: Vec<ApplicationHead> = funded(&FundedQuery::default())
        .filter(dsl::id.eq(id))
        .select(ApplicationHead::as_select())
        .load(connection)?;
    complete(connection, heads)?.pop().ok_or_else(Error::not_found)
}

/// How many identifiers go into one query.
const CHUNK: usize = 500;

fn complete(connection: &mut DbConnection, heads: Vec<ApplicationHead>) -> Result<Vec<FundedProject>> {
    let mut projects = Vec::with_capacity(heads.len());
    let calls = calls_of(connection, &heads)?;
    for chunk in heads.chunks(CHUNK) {
        let mut shares = shares_of(connection, chunk)?;
        let organisations = organisations_of(connection, chunk)?;
        for row in applications::complete(connection, chunk.to_vec())? {
            let (year, contract_id) =
                calls.get(&row.call_id).copied().ok_or_else(|| Error::internal("no call"))?;
            let (organisation, siret, rna) = organisations
                .get(&row.organisation_id)
                .cloned()
                .ok_or_else(|| Error::internal("no organisation"))?;
            let co_funders = shares.remove(&row.id).unwrap_or_default();
            projects.push(FundedProject {
                id: row.id,
                number: row.number.clone().unwrap_or_default(),
                year,
                call_id: row.call_id,
                contract_id,
                organisation,
                siret,
                rna,
                project: row.content.title.clone(),
                strand: row.content.strand.clone().unwrap_or_default(),
                challenges: row.content.challenges.clone(),
                neighbourhoods: row.content.neighbourhoods.clone(),
                amount: co_funders.iter().map(|share| share.amount).sum(),
                co_funders,
            });
        }
    }
    Ok(projects)
}

fn calls_of(
    connection: &mut DbConnection,
    heads: &[ApplicationHead],
) -> Result<HashMap<CallId, (i32, ContractId)>> {
    let ids: HashSet<CallId> = heads.iter().map(|row| row.call_id).collect();
    let known: Vec<(CallId, i32, ContractId)> = calls::table
        .filter(calls::id.eq_any(ids))
        .select((calls::id, calls::year, calls::contract_id))
        .load(connection)?;
    Ok(known.into_iter().map(|(id, year, contract)| (id, (year, contract))).collect())
}

type Named = (String, Option<Siret>, Option<Rna>);

fn organisations_of(
    connection: &mut DbConnection,
    heads: &[ApplicationHead],
) -> Result<HashMap<OrganisationId, Named>> {
    use organisations::dsl as organisation;
    let ids: Vec<OrganisationId> = heads.iter().map(|row| row.organisation_id).collect();
    let known: Vec<(OrganisationId, String, Option<Siret>, Option<Rna>)> = organisation::organisations
        .filter(organisation::id.eq_any(ids))
        .select((organisation::id, organisation::name, organisation::siret, organisation::rna))
        .load(connection)?;
    Ok(known.into_iter().map(|(id, name, siret, rna)| (id, (name, siret, rna))).collect())
}

fn shares_of(
    connection: &mut DbConnection,
    heads: &[ApplicationHead],
) -> Result<HashMap<ApplicationId, Vec<Share>>> {
    use decisions::dsl as decision;
    let ids: Vec<ApplicationId> = heads.iter().map(|row| row.id).collect();
    let lines: Vec<(ApplicationId, CoFunderId, Option<Money>)> = decision::decisions
        .filter(decision::application_id.eq_any(ids))
        .filter(decision::firmness.eq_any(Firmness::PUBLIC))
        .filter(decision::granted.gt(Money::ZERO).and(decision::effective.eq(true)))
        .order((decision::created_at, decision::co_funder_id))
        .select((decision::application_id, decision::co_funder_id, decision::granted))
        .load(connection)?;
    let co_funders: Vec<CoFunderId> =
        lines.iter().map(|(_, id, _)| *id).collect::<HashSet<_>>().into_iter().collect();
    let names = cofunders::names(connection, &co_funders)?;
    let mut shares: HashMap<ApplicationId, Vec<Share>> = HashMap::new();
    for (application, co_funder_id, granted) in lines {
        let name = names.get(&co_funder_id).cloned().unwrap_or_default();
        let share = Share { co_funder_id, name, amount: granted.unwrap_or_default() };
        shares.entry(application).or_default().push(share);
    }
    Ok(shares)
}
