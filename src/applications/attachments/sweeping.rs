//! Files that nothing on record refers to: what a process that was killed had stored, what could not be removed.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use tokio::time::interval;

use super::store;
use crate::db::Db;
use crate::error::Result;
use crate::files::Files;
use crate::types::{AttachmentId, Clock, Instant};

const HOURLY: Duration = Duration::from_secs(3_600);
/// A file is recorded seconds after it is stored: one this old, in seconds, is on record or never will be.
const SETTLED: i64 = 3_600;
/// Files that are looked up at once.
const GROUP: usize = 500;

/// Sweeps now, and every hour.
pub async fn sweep_hourly(db: Db, files: Files, clock: Clock) {
    let mut hours = interval(HOURLY);
    loop {
        hours.tick().await;
        match sweep(&db, &files, clock.now().plus_seconds(-SETTLED)).await {
            Ok(0) => {}
            Ok(removed) => log::info!("{removed} files that nothing referred to were removed"),
            Err(error) => log::warn!("files could not be swept: {error}"),
        }
    }
}

/// Removes what was stored before that moment and is not on record; answers how many files that were.
pub async fn sweep(db: &Db, files: &Files, moment: Instant) -> Result<usize> {
    let mut removed = files.remove_unfinished(moment).await?;
    let groups = files.older_than(moment).try_chunks(GROUP).map_err(|error| error.1);
    let mut groups = std::pin::pin!(groups);
    while let Some(keys) = groups.next().await.transpose()? {
        // What is not called as we call files is not ours to remove.
        let ids: Vec<AttachmentId> = keys.iter().filter_map(|key| key.parse().ok()).collect();
        let asked = ids.clone();
        // Looked up after the list was made: what was recorded in between is found.
        let recorded = db.read(move |connection| store::recorded(connection, &asked)).await?;
        for id in ids.into_iter().filter(|id| !recorded.contains(id)) {
            files.remove(&id.to_string()).await?;
            removed += 1;
        }
    }
    Ok(removed)
}
