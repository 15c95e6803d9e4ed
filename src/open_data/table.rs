//! The same figures as tables: CSV after RFC 4180, comma, UTF-8, amounts with a point.

use super::api::{FundedProject, Summary};
use crate::error::Result;
use crate::http::table;

const PROJECT_COLUMNS: [&str; 12] = [
    "year",
    "number",
    "organisation",
    "siret",
    "rna",
    "project",
    "strand",
    "challenges",
    "neighbourhoods",
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
            project.strand.clone(),
            project.challenges.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"),
            project.neighbourhoods.join("|"),
            project.amount.to_string(),
            shares.collect::<Vec<_>>().join("|"),
            project.id.to_string(),
        ]
    });
    table(&PROJECT_COLUMNS, rows)
}

pub fn summary(summary: &Summary) -> Result<String> {
    let rows = summary.items.iter().map(|group| {
        vec![group.key.clone(), group.label.clone(), group.projects.to_string(), group.amount.to_string()]
    });
    table(&["key", "label", "projects", "amount"], rows)
}
