//! Sums over the funded projects: made of the very list that is published (rule P1).

use std::collections::BTreeMap;

use super::api::{FundedProject, FundedQuery, Group, GroupBy, Summary, Total};
use super::store;
use crate::db::DbConnection;
use crate::error::Result;
use crate::search;
use crate::types::{CallId, ContractId, Money};

/// Whose number or code a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    /// It means the same everywhere.
    Nobody,
    Contract(ContractId),
    Call(ContractId, CallId),
}

/// What makes a row of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct GroupKey {
    owner: Owner,
    key: String,
    /// The title as it is compared: an amendment may rename what keeps its number.
    title: String,
}

/// A row while it is added up.
struct GroupSum<'a> {
    /// The last project counted in it, which gives the row its titles.
    latest: &'a FundedProject,
    label: String,
    projects: u64,
    amount: Money,
}

pub fn summary(connection: &mut DbConnection, query: &FundedQuery, by: GroupBy) -> Result<Summary> {
    Ok(summarize(&store::all(connection, query)?, by))
}

fn summarize(projects: &[FundedProject], by: GroupBy) -> Summary {
    let mut sums: BTreeMap<GroupKey, GroupSum<'_>> = BTreeMap::new();
    for project in projects {
        for (key, (label, amount)) in groups_of(project, by) {
            let fresh =
                || GroupSum { latest: project, label: label.clone(), projects: 0, amount: Money::ZERO };
            let sum = sums.entry(key).or_insert_with(fresh);
            sum.projects += 1;
            sum.amount += amount;
            if (project.year, project.call_id) > (sum.latest.year, sum.latest.call_id) {
                (sum.latest, sum.label) = (project, label);
            }
        }
    }
    let mut items: Vec<Group> = sums.into_iter().map(|(key, sum)| group(key, sum)).collect();
    items.sort_by_cached_key(|group| {
        // Challenge 10 comes after challenge 2.
        let number = group.key.parse::<u32>().unwrap_or(u32::MAX);
        let owner =
            (group.contract_title.clone(), group.contract_id, group.call_title.clone(), group.call_id);
        (owner, number, group.key.clone(), group.label.clone())
    });
    Summary {
        items,
        total: Total {
            projects: u64::try_from(projects.len()).unwrap_or(u64::MAX),
            amount: projects.iter().map(|project| project.amount).sum(),
        },
    }
}

fn group(key: GroupKey, sum: GroupSum<'_>) -> Group {
    let (contract_id, call_id) = match key.owner {
        Owner::Nobody => (None, None),
        Owner::Contract(contract) => (Some(contract), None),
        Owner::Call(contract, call) => (Some(contract), Some(call)),
    };
    Group {
        contract_title: contract_id.map(|_| sum.latest.contract_title.clone()),
        contract_id,
        call_title: call_id.map(|_| sum.latest.call_title.clone()),
        call_id,
        key: key.key,
        label: sum.label,
        projects: sum.projects,
        amount: sum.amount,
    }
}

/// The rows a project counts in, each once, with the label and the amount that it brings.
fn groups_of(project: &FundedProject, by: GroupBy) -> BTreeMap<GroupKey, (String, Money)> {
    let (contract, call) = (project.contract_id, project.call_id);
    let plain = |owner, key: String, label: &str| {
        let key = GroupKey { owner, key, title: String::new() };
        (key, (label.to_owned(), project.amount))
    };
    let titled = |owner, key: String, label: &str| {
        let key = GroupKey { owner, key, title: comparable(label) };
        (key, (label.to_owned(), project.amount))
    };
    let by_title = |title: &String| plain(Owner::Nobody, comparable(title), title);
    let challenges = || project.challenges.iter().zip(&project.challenge_titles);
    match by {
        GroupBy::Year => {
            let year = project.year.to_string();
            [plain(Owner::Nobody, year.clone(), &year)].into()
        }
        GroupBy::Contract => {
            [plain(Owner::Contract(contract), contract.to_string(), &project.contract_title)].into()
        }
        GroupBy::Call => [plain(Owner::Call(contract, call), call.to_string(), &project.call_title)].into(),
        GroupBy::Strand => {
            [plain(Owner::Call(contract, call), project.strand.clone(), &project.strand_title)].into()
        }
        GroupBy::StrandTitle => [by_title(&project.strand_title)].into(),
        GroupBy::Challenge => challenges()
            .map(|(number, title)| titled(Owner::Contract(contract), number.to_string(), title))
            .collect(),
        GroupBy::ChallengeTitle => challenges().map(|(_, title)| by_title(title)).collect(),
        GroupBy::Neighbourhood => {
            let named = project.neighbourhoods.iter().zip(&project.neighbourhood_names);
            named.map(|(code, name)| titled(Owner::Contract(contract), code.clone(), name)).collect()
        }
        GroupBy::CoFunder => {
            let share = |share: &super::api::Share| {
                let key = plain(Owner::Nobody, share.co_funder_id.to_string(), &share.name).0;
                (key, (share.name.clone(), share.amount))
            };
            project.co_funders.iter().map(share).collect()
        }
    }
}

/// A title as titles are compared: its words in small letters, without accents and punctuation.
fn comparable(title: &str) -> String {
    let folded = search::fold(title);
    let words = folded.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    // A title of signs alone is compared as it is.
    if words.is_empty() { title.to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_equal_by_their_words_alone() {
        for same in ["Emploi et insertion", "EMPLOI, et insertion", " emploi  et  Insertion. "] {
            assert_eq!(comparable(same), "emploi et insertion");
        }
        assert_eq!(comparable("Œuvrer à l’école"), comparable("oeuvrer a l'ecole"));
        assert_ne!(comparable("Emploi"), comparable("Emploi et insertion"));
        assert_ne!(comparable("!"), comparable("?"));
    }
}
