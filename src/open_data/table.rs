//! The same figures as tables: CSV after RFC 4180, comma, UTF-8, amounts with a point.

use super::api::{FundedProject, Summary};
use crate::error::Result;
use crate::http::table;

const PROJECT_COLUMNS: [&str; 19] = [
    "year",
    "number",
    "organisation",
    "siret",
    "rna",
    "project",
    "contractId",
    "contractTitle",
    "callId",
    "callTitle",
    "strand",
    "strandTitle",
    "challenges",
    "challengeTitles",
    "neighbourhoods",
    "neighbourhoodNames",
    "amount",
    "coFunders",
    "id",
];

/// One row a project; several values of one cell are separated by `|`.
pub fn projects(projects: &[FundedProject]) -> Result<String> {
    let rows = projects.iter().map(|project| {
        let shares = project.co_funders.iter().map(|share| format!("{}: {}", share.name, share.amount));
        vec![
            project.year.to_string(),
            project.number.clone(),
            project.organisation.clone(),
            project.siret.as_ref().map(ToString::to_string).unwrap_or_default(),
            project.rna.as_ref().map(ToString::to_string).unwrap_or_default(),
            project.project.clone(),
            project.contract_id.to_string(),
            project.contract_title.clone(),
            project.call_id.to_string(),
            project.call_title.clone(),
            project.strand.clone(),
            project.strand_title.clone(),
            project.challenges.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"),
            project.challenge_titles.join("|"),
            project.neighbourhoods.join("|"),
            project.neighbourhood_names.join("|"),
            project.amount.to_string(),
            shares.collect::<Vec<_>>().join("|"),
            project.id.to_string(),
        ]
    });
    table(&PROJECT_COLUMNS, rows)
}

const SUMMARY_COLUMNS: [&str; 8] =
    ["contractId", "contractTitle", "callId", "callTitle", "key", "label", "projects", "amount"];

/// One row a group; the cells of an owner that the key does not have are empty.
pub fn summary(summary: &Summary) -> Result<String> {
    let rows = summary.items.iter().map(|group| {
        vec![
            group.contract_id.map(|id| id.to_string()).unwrap_or_default(),
            group.contract_title.clone().unwrap_or_default(),
            group.call_id.map(|id| id.to_string()).unwrap_or_default(),
            group.call_title.clone().unwrap_or_default(),
            group.key.clone(),
            group.label.clone(),
            group.projects.to_string(),
            group.amount.to_string(),
        ]
    });
    table(&SUMMARY_COLUMNS, rows)
}
