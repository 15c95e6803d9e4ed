//! Sums over the funded projects: made of the very list that is published (rule P1).

use std::collections::{BTreeMap, HashMap};

use super::api::{FundedProject, FundedQuery, Group, GroupBy, Summary, Total};
use super::store;
use crate::calls;
use crate::db::{DbConnection, Json};
use crate::error::Result;
use crate::types::{CallId, Money};

pub fn summary(connection: &mut DbConnection, query: &FundedQuery, by: GroupBy) -> Result<Summary> {
    let projects = store::all(connection, query)?;
    let labels = labels(connection, &projects, by)?;
    let mut groups: BTreeMap<String, (u64, Money)> = BTreeMap::new();
    for project in &projects {
        for (key, amount) in keys(project, by) {
            let group = groups.entry(key).or_default();
            group.0 += 1;
            group.1 += amount;
        }
    }
    let label = |key: &str| labels.get(key).cloned().unwrap_or_else(|| key.to_owned());
    let group = |(key, (projects, amount)): (String, (u64, Money))| Group {
        label: label(&key),
        key,
        projects,
        amount,
    };
    let mut items: Vec<Group> = groups.into_iter().map(group).collect();
    // Challenge 10 comes after challenge 2.
    items.sort_by_key(|group| (group.key.parse::<u32>().unwrap_or(u32::MAX), group.key.clone()));
    Ok(Summary {
        items,
        total: Total {
            projects: u64::try_from(projects.len()).unwrap_or(u64::MAX),
            amount: projects.iter().map(|project| project.amount).sum(),
        },
    })
}

/// The rows a project counts in, and with how much.
fn keys(project: &FundedProject, by: GroupBy) -> Vec<(String, Money)> {
    let amount = project.amount;
    match by {
        GroupBy::Year => vec![(project.year.to_string(), amount)],
        GroupBy::Strand => vec![(project.strand.clone(), amount)],
        GroupBy::Challenge => project.challenges.iter().map(|number| (number.to_string(), amount)).collect(),
        GroupBy::Neighbourhood => project.neighbourhoods.iter().map(|code| (code.clone(), amount)).collect(),
        GroupBy::CoFunder => {
            project.co_funders.iter().map(|share| (share.co_funder_id.to_string(), share.amount)).collect()
        }
    }
}

/// What the keys are called, by the calls and contracts they come from; a later call's wording wins.
fn labels(
    connection: &mut DbConnection,
    projects: &[FundedProject],
    by: GroupBy,
) -> Result<HashMap<String, String>> {
    let mut labels = HashMap::new();
    if by == GroupBy::CoFunder {
        let shares = projects.iter().flat_map(|project| &project.co_funders);
        labels.extend(shares.map(|share| (share.co_funder_id.to_string(), share.name.clone())));
        return Ok(labels);
    }
    let mut ids: Vec<CallId> = projects.iter().map(|project| project.call_id).collect();
    ids.sort();
    ids.dedup();
    for id in ids.into_iter().filter(|_| by != GroupBy::Year) {
        let call = calls::find(connection, None, id)?;
        let contract = call.contract_terms.map(Json::into_inner).into_iter();
        let call = call.terms;
        match by {
            GroupBy::Strand => {
                labels.extend(call.strands.iter().map(|one| (one.code.clone(), one.title.fr.clone())))
            }
            GroupBy::Challenge => labels.extend(
                contract.flat_map(|terms| terms.challenges).map(|one| (one.number.to_string(), one.title)),
            ),
            GroupBy::Neighbourhood => {
                labels
                    .extend(contract.flat_map(|terms| terms.neighbourhoods).map(|one| (one.code, one.name)));
            }
            GroupBy::Year | GroupBy::CoFunder => {}
        }
    }
    Ok(labels)
}
