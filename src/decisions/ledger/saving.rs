//! Writing what changed in the ledger: lines, what they make of their applications, one event for each.

use super::Ledger;
use super::file::{Change, Entry, File};
use crate::applications;
use crate::db::DbConnection;
use crate::decisions::store;
use crate::error::Result;
use crate::events;
use crate::http::Actor;

impl Ledger {
    /// Judges conditions again where something changed: what the lines show then is what they are.
    pub fn settle(&mut self, actor: &Actor) -> Result<()> {
        for file in self.files.values_mut().filter(|file| file.is_touched()) {
            file.settle(actor.now)?;
        }
        Ok(())
    }

    /// Settles, and writes what changed.
    pub fn save(&mut self, tx: &mut DbConnection, actor: &Actor) -> Result<()> {
        self.settle(actor)?;
        let mut touched: Vec<&File> = self.files.values().filter(|file| file.is_touched()).collect();
        touched.sort_by_key(|file| file.stake.id);
        for file in touched {
            for entry in &file.entries {
                keep(tx, actor, entry)?;
            }
            if let Some(settled) = &file.settled {
                applications::keep_funding(tx, settled)?;
            }
        }
        Ok(())
    }
}

fn keep(tx: &mut DbConnection, actor: &Actor, entry: &Entry) -> Result<()> {
    match entry.change {
        _ if !entry.is_touched() => return Ok(()),
        Some(Change::Recorded) => store::insert(tx, &entry.line, entry.is_effective())?,
        Some(Change::Superseded | Change::Paid) | None => {
            store::replace(tx, &entry.line, entry.is_effective())?;
        }
    }
    match entry.event() {
        Some(event) => events::record(tx, actor, event, entry.line.application_id, &entry.line),
        None => Ok(()),
    }
}
