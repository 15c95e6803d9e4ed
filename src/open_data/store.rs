//! Reading the funded projects. One definition of "funded" serves list, table and sums (rule P1).

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::api::{FundedProject, FundedQuery, Share};
use crate::applications::{self, ApplicationHead, ApplicationRow};
use crate::calls::{self, CallRow};
use crate::cofunders;
use crate::db::schema::{
    application_entries, applications::dsl, calls as call_rows, decisions, entry_challenges,
    entry_neighbourhoods, organisations,
};
use crate::db::{Backend, DbConnection};
use crate::error::{Error, Result};
use crate::http::Walk;
use crate::types::{ApplicationId, CallId, CoFunderId, Firmness, Money, OrganisationId, Rna, Siret};
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
    if let Some(co_funder) = query.co_funder_id {
        all = all.filter(dsl::id.eq_any(granting().filter(decision::co_funder_id.eq(co_funder))));
    }
    if let Some(year) = query.year {
        all = all.filter(
            dsl::call_id.eq_any(call_rows::table.filter(call_rows::year.eq(year)).select(call_rows::id)),
        );
    }
    if let Some(contract) = query.contract_id {
        let its_calls = call_rows::table.filter(call_rows::contract_id.eq(contract)).select(call_rows::id);
        all = all.filter(dsl::call_id.eq_any(its_calls));
    }
    if let Some(call) = query.call_id {
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
            let call = calls.get(&row.call_id).ok_or_else(|| Error::internal("no call"))?;
            let organisation = organisations
                .get(&row.organisation_id)
                .cloned()
                .ok_or_else(|| Error::internal("no organisation"))?;
            let co_funders = shares.remove(&row.id).unwrap_or_default();
            projects.push(funded_project(row, call, organisation, co_funders));
        }
    }
    Ok(projects)
}

fn funded_project(
    row: ApplicationRow,
    call: &CallRow,
    (organisation, siret, rna): Named,
    co_funders: Vec<Share>,
) -> FundedProject {
    let content = row.content.into_inner();
    let (contract, call) = (call.contract_terms.as_deref(), &*call.terms);
    let strand = content.strand.unwrap_or_default();
    let strand_title = call.strands.iter().find(|one| one.code == strand).map(|one| one.title.fr.clone());
    let challenge_title = |number: &i32| {
        let known = contract?.challenges.iter().find(|one| one.number == *number);
        known.map(|one| one.title.clone())
    };
    let neighbourhood_name = |code: &String| {
        let known = contract?.neighbourhoods.iter().find(|one| one.code == *code);
        known.map(|one| one.name.clone())
    };
    FundedProject {
        id: row.id,
        number: row.number.unwrap_or_default(),
        year: call.year,
        contract_id: call.contract_id,
        contract_title: contract.map(|terms| terms.title.clone()).unwrap_or_default(),
        call_id: row.call_id,
        call_title: call.title.clone(),
        organisation,
        siret,
        rna,
        project: content.title,
        strand_title: strand_title.unwrap_or_else(|| strand.clone()),
        strand,
        challenge_titles: titles(&content.challenges, challenge_title),
        challenges: content.challenges,
        neighbourhood_names: titles(&content.neighbourhoods, neighbourhood_name),
        neighbourhoods: content.neighbourhoods,
        amount: co_funders.iter().map(|share| share.amount).sum(),
        co_funders,
    }
}

/// The title of each of these, in the same order.
fn titles<K: ToString>(keys: &[K], title: impl Fn(&K) -> Option<String>) -> Vec<String> {
    keys.iter().map(|key| title(key).unwrap_or_else(|| key.to_string())).collect()
}

/// The calls of these applications, each with the contract it opened under (rule A4).
fn calls_of(connection: &mut DbConnection, heads: &[ApplicationHead]) -> Result<HashMap<CallId, CallRow>> {
    let ids: HashSet<CallId> = heads.iter().map(|row| row.call_id).collect();
    let ids: Vec<CallId> = ids.into_iter().collect();
    Ok(calls::of_ids(connection, &ids)?.into_iter().map(|call| (call.id, call)).collect())
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
        // By co-funder: the order of the first pushes would tell who was first to intend something (rule D9).
        .order(decision::co_funder_id)
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
