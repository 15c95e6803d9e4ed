//! The rows of a programme, read as they are needed: memory holds their order and a few of them.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};
use std::vec::IntoIter;

use super::api::{ProgrammeRow, RowKey, RowOrder};
use super::sums::Sums;
use crate::applications::{self, Funding, LineSight, Stake, funding};
use crate::auth::Principal;
use crate::db::DbConnection;
use crate::error::Result;
use crate::opinions;
use crate::organisations;
use crate::search::fold;
use crate::types::{ApplicationId, CallId, Money, OrganisationId};

/// Rows that are read at once.
const PART: usize = 200;

/// Whose programme it is: which call's, read by whom, with what fundings instead of those that are recorded.
pub struct Source<'a> {
    pub principal: &'a Principal,
    pub call: CallId,
    pub supposed: &'a HashMap<ApplicationId, Funding>,
}

/// The rows of a programme in their order, and the sums of those that went by.
pub struct Rows<'a> {
    connection: &'a mut DbConnection,
    source: &'a Source<'a>,
    waiting: IntoIter<ApplicationId>,
    read: VecDeque<ProgrammeRow>,
    pub sums: Sums,
}

impl<'a> Rows<'a> {
    pub fn new(connection: &'a mut DbConnection, source: &'a Source<'a>, order: RowOrder) -> Result<Self> {
        let waiting = ordered(connection, source, order)?.into_iter();
        Ok(Self { connection, source, waiting, read: VecDeque::new(), sums: Sums::default() })
    }

    pub fn next_row(&mut self) -> Result<Option<ProgrammeRow>> {
        if self.read.is_empty() {
            let ids: Vec<ApplicationId> = self.waiting.by_ref().take(PART).collect();
            self.read = read(self.connection, self.source, &ids)?.into();
        }
        let row = self.read.pop_front();
        row.iter().for_each(|row| self.sums.add(row));
        Ok(row)
    }

    /// The rows that are left, all at once.
    pub fn rest(&mut self) -> Result<Vec<ProgrammeRow>> {
        let mut rows = Vec::new();
        while let Some(row) = self.next_row()? {
            rows.push(row);
        }
        Ok(rows)
    }

    /// The connection, when no row is wanted any more.
    pub fn connection(&mut self) -> &mut DbConnection {
        self.connection
    }
}

/// Places in an order: by a text or an amount, then by number. Numbers grow longer: 2023-10000 comes after 2023-9999.
#[derive(Debug, Clone)]
struct Place {
    key: (String, Money),
    number: (usize, String),
}

impl Place {
    /// Those that are alike follow by number, whichever way the others go.
    fn compare(&self, other: &Self, order: RowOrder) -> Ordering {
        let (keys, numbers) = (self.key.cmp(&other.key), self.number.cmp(&other.number));
        match (order.is_descending(), order.key()) {
            (false, _) => keys.then(numbers),
            (true, RowKey::Number) => numbers.reverse(),
            (true, _) => keys.reverse().then(numbers),
        }
    }
}

fn ordered(
    connection: &mut DbConnection,
    source: &Source<'_>,
    order: RowOrder,
) -> Result<Vec<ApplicationId>> {
    let numbered = applications::decided_on(connection, source.call)?;
    let plain = |number: String| Place { key: (String::new(), Money::ZERO), number: (number.len(), number) };
    let mut places: Vec<(Place, ApplicationId)> =
        numbered.into_iter().map(|(id, number)| (plain(number), id)).collect();
    if order.key() != RowKey::Number {
        for part in places.chunks_mut(PART) {
            let ids: Vec<ApplicationId> = part.iter().map(|(_, id)| *id).collect();
            let rows = read(connection, source, &ids)?;
            let rows: HashMap<ApplicationId, ProgrammeRow> =
                rows.into_iter().map(|row| (row.application_id, row)).collect();
            for (place, id) in part {
                if let Some(row) = rows.get(id) {
                    place.key = key(row, order.key());
                }
            }
        }
    }
    places.sort_unstable_by(|(one, _), (other, _)| one.compare(other, order));
    Ok(places.into_iter().map(|(_, id)| id).collect())
}

fn key(row: &ProgrammeRow, key: RowKey) -> (String, Money) {
    let funding = &row.funding;
    match key {
        RowKey::Number => (String::new(), Money::ZERO),
        RowKey::Organisation => (fold(&row.organisation_name), Money::ZERO),
        RowKey::Title => (fold(&row.title), Money::ZERO),
        RowKey::Strand => (row.strand.clone(), Money::ZERO),
        RowKey::Requested => (String::new(), funding.amounts.requested),
        RowKey::Agreed => (String::new(), funding.amounts.agreed),
        RowKey::Voted => (String::new(), funding.amounts.voted),
        RowKey::Gap => (String::new(), funding.gap),
    }
}

/// The rows of these applications, in the order of their ids as given.
fn read(
    connection: &mut DbConnection,
    source: &Source<'_>,
    ids: &[ApplicationId],
) -> Result<Vec<ProgrammeRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let stakes = applications::stakes(connection, source.principal, ids)?;
    let mut stakes: HashMap<ApplicationId, Stake> = stakes.into_iter().map(|one| (one.id, one)).collect();
    let organisations: Vec<OrganisationId> = stakes.values().map(|stake| stake.organisation_id).collect();
    let names = organisations::names(connection, &organisations)?;
    let mut lines = applications::lines(connection, ids, LineSight::All)?;
    let mut views = opinions::council_views(connection, ids)?;
    let mut row = |stake: Stake| {
        let recorded = || funding(stake.asked(), &lines.remove(&stake.id).unwrap_or_default());
        let funding = source.supposed.get(&stake.id).cloned().unwrap_or_else(recorded);
        ProgrammeRow {
            application_id: stake.id,
            number: stake.number,
            status: stake.status,
            title: stake.title,
            organisation_id: stake.organisation_id,
            organisation_name: names.get(&stake.organisation_id).cloned().unwrap_or_default(),
            strand: stake.strand,
            council: views.remove(&stake.id),
            funding,
        }
    };
    Ok(ids.iter().filter_map(|id| stakes.remove(id)).map(&mut row).collect())
}
