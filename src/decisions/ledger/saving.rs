//! Writing what changed in the ledger: lines, what they make of their applications, one event for each.

use std::panic::resume_unwind;
use std::thread;

use super::Ledger;
use super::file::{Change, Entry, File};
use crate::applications;
use crate::db::DbConnection;
use crate::decisions::store;
use crate::error::Result;
use crate::events::{self, Event};
use crate::http::Actor;
use crate::types::ApplicationId;

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
        self.save_while(tx, actor, |_| Ok(()))
    }

    /// Settles, and writes what changed, while `told` says what it has become.
    pub fn save_while<T: Send>(
        &mut self,
        tx: &mut DbConnection,
        actor: &Actor,
        told: impl Fn(&Self) -> Result<T> + Sync,
    ) -> Result<T> {
        self.settle(actor)?;
        let this: &Self = self;
        let mut touched: Vec<&File> = this.files.values().filter(|file| file.is_touched()).collect();
        touched.sort_by_key(|file| file.stake.id);
        let entries = touched.iter().flat_map(|file| &file.entries).filter(|entry| entry.is_touched());
        let entries: Vec<&Entry> = entries.collect();
        let in_words = || entries.iter().filter_map(|entry| news(entry)).collect::<Result<Vec<_>>>();
        let ((events, answer), kept) =
            beside(entries.len(), || (in_words(), told(this)), || keep(tx, &touched, &entries));
        kept?;
        events::record_all(tx, actor, events?.into_iter())?;
        answer
    }
}

/// What is told of a line in an event, if anything is.
fn news(entry: &Entry) -> Option<Result<(Event, ApplicationId, String)>> {
    let event = entry.event()?;
    Some(events::told(&entry.line).map(|told| (event, entry.line.application_id, told)))
}

/// Lines from which on it is worth a thread to put them into words.
const MANY: usize = 100;

/// Does both: when there is much to do, `aside` on a thread of its own, if there is one to be had.
fn beside<A: Send, B>(much: usize, aside: impl Fn() -> A + Sync, here: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let named = || thread::Builder::new().name("words".to_owned());
        let thread = (much >= MANY).then(|| named().spawn_scoped(scope, &aside));
        let here = here();
        let aside = match thread {
            Some(Ok(thread)) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Some(Err(_)) | None => aside(),
        };
        (aside, here)
    })
}

fn keep(tx: &mut DbConnection, files: &[&File], entries: &[&Entry]) -> Result<()> {
    let (new, old): (Vec<&Entry>, Vec<&Entry>) =
        entries.iter().partition(|entry| entry.change == Some(Change::Recorded));
    store::insert(tx, new.into_iter().map(|entry| (&entry.line, entry.is_effective())))?;
    old.into_iter().try_for_each(|entry| store::replace(tx, &entry.line, entry.is_effective()))?;
    applications::keep_funding(tx, files.iter().filter_map(|file| Some((file.stake.id, file.settled?))))
}
