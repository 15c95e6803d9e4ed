//! What moved between two frozen programmes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::api::{ProgrammeCoFunder, ProgrammeRow, ProgrammeTotals};
use super::super::sums::Sums;
use crate::applications::{CoFunderFunding, Viability};
use crate::error::{Error, Result};
use crate::types::{ApplicationId, CoFunderId, CommitteeSessionId};
use crate::words;

/// When in a session the programme was frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Examined,
    Concluded,
}

words!(Moment {
    Examined = "examined" | "examinée": "when it was opened",
    Concluded = "concluded" | "arrêtée": "when it was closed",
});

/// A frozen programme, as far as it is compared.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Frozen {
    pub rows: Vec<ProgrammeRow>,
    pub co_funders: Vec<ProgrammeCoFunder>,
}

impl Frozen {
    pub fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(Error::internal)
    }

    pub fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        self.rows.iter().for_each(|row| sums.add(row));
        sums
    }
}

/// One side of a comparison.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    pub session_id: CommitteeSessionId,
    pub moment: Moment,
}

/// What a co-funder says of an application, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PositionChange {
    pub co_funder_id: CoFunderId,
    #[schema(required)]
    pub before: Option<CoFunderFunding>,
    #[schema(required)]
    pub after: Option<CoFunderFunding>,
}

/// An application of which something moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RowChange {
    pub application_id: ApplicationId,
    #[schema(max_length = 20)]
    pub number: String,
    #[schema(max_length = 200)]
    pub title: String,
    /// Null where it was not in the programme.
    #[schema(required)]
    pub viability_before: Option<Viability>,
    #[schema(required)]
    pub viability_after: Option<Viability>,
    /// The co-funders that say something else.
    #[schema(max_items = 200)]
    pub positions: Vec<PositionChange>,
}

/// What moved between two frozen programmes of a call.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    pub before: Side,
    pub after: Side,
    pub totals_before: ProgrammeTotals,
    pub totals_after: ProgrammeTotals,
    /// The applications of which something moved, by number.
    #[schema(max_items = 100_000)]
    pub changes: Vec<RowChange>,
}

/// Compares two frozen programmes.
pub fn compare(before: (Side, &Frozen), after: (Side, &Frozen)) -> Comparison {
    type Sides<'a> = (Option<&'a ProgrammeRow>, Option<&'a ProgrammeRow>);
    let mut rows: BTreeMap<(usize, &str), Sides<'_>> = BTreeMap::new();
    for row in &before.1.rows {
        rows.entry((row.number.len(), &row.number)).or_default().0 = Some(row);
    }
    for row in &after.1.rows {
        rows.entry((row.number.len(), &row.number)).or_default().1 = Some(row);
    }
    Comparison {
        before: before.0,
        after: after.0,
        totals_before: before.1.sums().totals,
        totals_after: after.1.sums().totals,
        changes: rows.into_values().filter_map(|(before, after)| change(before, after)).collect(),
    }
}

fn change(before: Option<&ProgrammeRow>, after: Option<&ProgrammeRow>) -> Option<RowChange> {
    let row = after.or(before)?;
    let viability = |row: Option<&ProgrammeRow>| row.map(|row| row.funding.viability);
    let said = |row: Option<&ProgrammeRow>| -> BTreeMap<CoFunderId, CoFunderFunding> {
        let all = row.into_iter().flat_map(|row| &row.funding.by_co_funder);
        all.map(|one| (one.co_funder_id, one.clone())).collect()
    };
    let (mut was, is) = (said(before), said(after));
    let mut positions: Vec<PositionChange> = is
        .into_iter()
        .map(|(co_funder_id, now)| PositionChange {
            co_funder_id,
            before: was.remove(&co_funder_id),
            after: Some(now),
        })
        .collect();
    positions.extend(was.into_iter().map(|(co_funder_id, before)| PositionChange {
        co_funder_id,
        before: Some(before),
        after: None,
    }));
    positions.retain(|one| one.before != one.after);
    let moved =
        !positions.is_empty() || before.is_some() != after.is_some() || viability(before) != viability(after);
    moved.then(|| RowChange {
        application_id: row.application_id,
        number: row.number.clone(),
        title: row.title.clone(),
        viability_before: viability(before),
        viability_after: viability(after),
        positions,
    })
}
