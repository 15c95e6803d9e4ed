//! Stored files that the database does not record. Two rules keep a restored database from deleting files that are newer
//! than it: the hourly sweep removes only files marked in the store as unrecorded, that is uploads that were interrupted and
//! files whose removal failed; all other unrecorded files are removed by the operator's command alone.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use tokio::time::interval;

use super::store;
use crate::db::Db;
use crate::error::Result;
use crate::events;
use crate::files::{Files, StoredFile};
use crate::types::{AttachmentId, Clock, Instant};

const HOURLY: Duration = Duration::from_secs(3_600);
/// A file is recorded seconds after it is stored. One this old, in seconds, will not be recorded any more.
const GRACE: i64 = 3_600;
/// Files that are looked up at once.
const GROUP: usize = 500;

/// Sweeps now and every hour; says once how many unrecorded files it leaves alone.
pub async fn sweep_hourly(db: Db, files: Files, clock: Clock) {
    let mut hours = interval(HOURLY);
    let mut is_first = true;
    loop {
        hours.tick().await;
        let moment = clock.now().plus_seconds(-GRACE);
        match sweep(&db, &files, moment).await {
            Ok(0) => {}
            Ok(removed) => log::info!("{removed} files of interrupted uploads and removals were deleted"),
            Err(error) => log::warn!("interrupted uploads could not be cleaned up: {error}"),
        }
        if std::mem::take(&mut is_first)
            && let Err(error) = warn_of_unrecorded(&db, &files, moment).await
        {
            log::warn!("the stored files could not be compared with the database: {error}");
        }
    }
}

/// Deletes interrupted uploads and removals from before `moment`; answers how many files that were. What was marked after the
/// last change of the database stays: a newer database, of which this one is an older copy, may record it.
pub async fn sweep(db: &Db, files: &Files, moment: Instant) -> Result<usize> {
    let mut removed = files.remove_unfinished(moment).await?;
    let Some(last_change) = db.read(events::last_recorded_at).await? else { return Ok(removed) };
    let moment = moment.min(last_change.plus_seconds(GRACE));
    for keys in files.list_marked_before(moment).await?.chunks(GROUP) {
        let ids: Vec<AttachmentId> = keys.iter().filter_map(|key| key.parse().ok()).collect();
        for (id, recorded) in look_up(db, ids).await? {
            if !recorded {
                files.remove(&id.to_string()).await?;
                removed += 1;
            }
            files.unmark(&id.to_string()).await?;
        }
    }
    Ok(removed)
}

/// Files stored before a moment that the database does not record.
#[derive(Debug, Clone, Default)]
pub struct Unrecorded {
    pub files: Vec<StoredFile>,
    /// When the database was last changed, if it ever was.
    pub last_change: Option<Instant>,
}

impl Unrecorded {
    /// Whether the file was stored after the last change of the database: a newer database may well record it.
    pub fn is_newer(&self, file: &StoredFile) -> bool {
        self.last_change.is_none_or(|change| file.stored_at > change)
    }

    pub fn count_newer(&self) -> usize {
        self.files.iter().filter(|file| self.is_newer(file)).count()
    }
}

/// Lists the files stored more than an hour ago that the database does not record.
pub async fn list_unrecorded(db: &Db, files: &Files, clock: &Clock) -> Result<Unrecorded> {
    list_unrecorded_before(db, files, clock.now().plus_seconds(-GRACE)).await
}

async fn list_unrecorded_before(db: &Db, files: &Files, moment: Instant) -> Result<Unrecorded> {
    let last_change = db.read(events::last_recorded_at).await?;
    let mut found = Unrecorded { files: Vec::new(), last_change };
    let groups = files.list_stored_before(moment).try_chunks(GROUP).map_err(|error| error.1);
    let mut groups = std::pin::pin!(groups);
    while let Some(group) = groups.next().await.transpose()? {
        // Objects whose name is not an id belong to somebody else.
        let named = |file: StoredFile| file.key.parse::<AttachmentId>().ok().map(|id| (id, file));
        let group: Vec<(AttachmentId, StoredFile)> = group.into_iter().filter_map(named).collect();
        // Looked up after they were listed, so that a file recorded in between counts as recorded.
        let states = look_up(db, group.iter().map(|(id, _)| *id).collect()).await?;
        let unrecorded = group.into_iter().zip(states).filter(|(_, (_, recorded))| !recorded);
        found.files.extend(unrecorded.map(|((_, file), _)| file));
    }
    Ok(found)
}

/// Removes files that were listed as unrecorded, unless they are recorded by now; answers how many were removed.
pub async fn remove_unrecorded(db: &Db, files: &Files, listed: &Unrecorded) -> Result<usize> {
    let mut removed = 0;
    let ids: Vec<AttachmentId> = listed.files.iter().filter_map(|file| file.key.parse().ok()).collect();
    for group in ids.chunks(GROUP) {
        for (id, recorded) in look_up(db, group.to_vec()).await? {
            if !recorded {
                files.remove(&id.to_string()).await?;
                files.unmark(&id.to_string()).await?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}

/// Each id with whether it is recorded, in the same order.
async fn look_up(db: &Db, ids: Vec<AttachmentId>) -> Result<Vec<(AttachmentId, bool)>> {
    let asked = ids.clone();
    let recorded = db.read(move |connection| store::recorded(connection, &asked)).await?;
    Ok(ids.into_iter().map(|id| (id, recorded.contains(&id))).collect())
}

async fn warn_of_unrecorded(db: &Db, files: &Files, moment: Instant) -> Result<()> {
    let found = list_unrecorded_before(db, files, moment).await?;
    if !found.files.is_empty() {
        log::warn!(
            "{} stored files are not recorded in this database, {} of them are newer than its last change; they are kept. \
             The command `contrat-de-ville files sweep` lists them",
            found.files.len(),
            found.count_newer()
        );
    }
    Ok(())
}
