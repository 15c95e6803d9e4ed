//! Reading the ledger: everything that pushes on these applications are judged by, in as many queries as for one of them.

use std::collections::HashMap;

use super::Ledger;
use super::file::File;
use crate::applications;
use crate::auth::Principal;
use crate::calls::{self, CallRow};
use crate::db::DbConnection;
use crate::decisions::api::Decision;
use crate::decisions::store;
use crate::error::Result;
use crate::opinions;
use crate::types::{ApplicationId, CallId, CoFunderId};

impl Ledger {
    /// Takes these applications, and the envelopes of these co-funders, out of everybody else's hands until the transaction
    /// ends: first the applications, then the envelopes, each in the order of their ids. Those that the client may not see
    /// are not in it.
    pub fn hold(
        tx: &mut DbConnection,
        principal: &Principal,
        ids: &[ApplicationId],
        co_funders: &[CoFunderId],
    ) -> Result<Self> {
        applications::hold(tx, ids)?;
        let files = files(tx, principal, ids)?;
        calls::hold_envelopes(tx, &calls_of(&files), co_funders)?;
        Self::with(tx, principal, files, co_funders)
    }

    /// The same, only to look at.
    pub fn read(
        connection: &mut DbConnection,
        principal: &Principal,
        ids: &[ApplicationId],
        co_funders: &[CoFunderId],
    ) -> Result<Self> {
        let files = files(connection, principal, ids)?;
        Self::with(connection, principal, files, co_funders)
    }

    fn with(
        connection: &mut DbConnection,
        principal: &Principal,
        files: HashMap<ApplicationId, File>,
        co_funders: &[CoFunderId],
    ) -> Result<Self> {
        let ids = calls_of(&files);
        let purses = calls::purses(connection, &ids, co_funders)?;
        let mut calls: HashMap<CallId, CallRow> = HashMap::new();
        for id in ids {
            calls.insert(id, calls::find(connection, Some(principal), id)?);
        }
        Ok(Self { files, calls, purses })
    }
}

fn calls_of(files: &HashMap<ApplicationId, File>) -> Vec<CallId> {
    let mut calls: Vec<CallId> = files.values().map(|file| file.stake.call_id).collect();
    calls.sort();
    calls.dedup();
    calls
}

fn files(
    connection: &mut DbConnection,
    principal: &Principal,
    ids: &[ApplicationId],
) -> Result<HashMap<ApplicationId, File>> {
    let stakes = applications::stakes(connection, principal, ids)?;
    let mut views = opinions::council_views(connection, ids)?;
    let mut lines: HashMap<ApplicationId, Vec<Decision>> = HashMap::new();
    for line in store::of_applications(connection, ids)? {
        lines.entry(line.application_id).or_default().push(line);
    }
    let file = |stake: applications::Stake| {
        let id = stake.id;
        (id, File::new(stake, lines.remove(&id).unwrap_or_default(), views.remove(&id)))
    };
    Ok(stakes.into_iter().map(file).collect())
}
