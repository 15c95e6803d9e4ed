//! Attachments in the database.

use std::collections::HashSet;

use diesel::prelude::*;

use super::api::{Attachment, ReceivedAttachment};
use crate::db::schema::{attachments, attachments::dsl};
use crate::db::{DbConnection, changed_once};
use crate::error::Result;
use crate::files::MediaType;
use crate::types::{ApplicationId, AttachmentId, AttachmentKind, Instant};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attachments)]
struct Row {
    id: AttachmentId,
    application_id: ApplicationId,
    kind: AttachmentKind,
    file_name: String,
    media_type: MediaType,
    size: i64,
    sha256: String,
    received: bool,
    created_at: Instant,
}

impl From<Row> for Attachment {
    fn from(row: Row) -> Self {
        let Row { id, application_id, kind, file_name, media_type, size, sha256, received, created_at } = row;
        Self { id, application_id, kind, file_name, media_type, size, sha256, received, created_at }
    }
}

impl From<Attachment> for Row {
    fn from(shown: Attachment) -> Self {
        let Attachment {
            id,
            application_id,
            kind,
            file_name,
            media_type,
            size,
            sha256,
            received,
            created_at,
        } = shown;
        Self { id, application_id, kind, file_name, media_type, size, sha256, received, created_at }
    }
}

/// The pieces of an application, the first one first.
pub fn list(connection: &mut DbConnection, application: ApplicationId) -> Result<Vec<Attachment>> {
    let rows: Vec<Row> = dsl::attachments
        .filter(dsl::application_id.eq(application))
        .order(dsl::id)
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Attachment::from).collect())
}

/// The kinds of the pieces of an application.
pub fn kinds(
    connection: &mut DbConnection,
    application: ApplicationId,
    received_only: bool,
) -> Result<Vec<AttachmentKind>> {
    let each = kinds_of_each(connection, &[application])?;
    let kept = each.into_iter().filter(|(_, _, received)| *received || !received_only);
    Ok(kept.map(|(_, kind, _)| kind).collect())
}

/// The kinds of the pieces of applications, and whether each was received.
pub fn kinds_of_each(
    connection: &mut DbConnection,
    applications: &[ApplicationId],
) -> Result<Vec<(ApplicationId, AttachmentKind, bool)>> {
    let rows = dsl::attachments.filter(dsl::application_id.eq_any(applications)).order(dsl::id).select((
        dsl::application_id,
        dsl::kind,
        dsl::received,
    ));
    Ok(rows.load(connection)?)
}

pub fn insert(tx: &mut DbConnection, attachment: Attachment) -> Result<()> {
    diesel::insert_into(dsl::attachments).values(Row::from(attachment)).execute(tx)?;
    Ok(())
}

/// Forgets a piece of an application whose row is held.
pub fn delete(tx: &mut DbConnection, id: AttachmentId) -> Result<()> {
    changed_once(diesel::delete(dsl::attachments.find(id)).execute(tx)?)
}

/// The pieces of an application that is received are received with it; answers all of them.
pub fn receive(tx: &mut DbConnection, application: ApplicationId) -> Result<Vec<ReceivedAttachment>> {
    let own = dsl::attachments.filter(dsl::application_id.eq(application));
    diesel::update(own).set(dsl::received.eq(true)).execute(tx)?;
    let all = list(tx, application)?.into_iter();
    Ok(all.map(|Attachment { id, kind, sha256, .. }| ReceivedAttachment { id, kind, sha256 }).collect())
}

/// Those of these ids that are recorded.
pub fn recorded(connection: &mut DbConnection, ids: &[AttachmentId]) -> Result<HashSet<AttachmentId>> {
    let found: Vec<AttachmentId> =
        dsl::attachments.filter(dsl::id.eq_any(ids)).select(dsl::id).load(connection)?;
    Ok(found.into_iter().collect())
}
