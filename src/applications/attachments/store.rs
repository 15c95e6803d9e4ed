//! Attachments in the database.

use std::collections::HashSet;

use diesel::prelude::*;

use super::api::{Attachment, ReceivedAttachment};
use crate::db::schema::attachments::dsl;
use crate::db::{DbConnection, changed_once};
use crate::error::Result;
use crate::types::{ApplicationId, AttachmentId, AttachmentKind};

/// The pieces of an application, the first one first.
pub fn list(connection: &mut DbConnection, application: ApplicationId) -> Result<Vec<Attachment>> {
    let own = dsl::attachments.filter(dsl::application_id.eq(application)).order(dsl::id);
    Ok(own.select(Attachment::as_select()).load(connection)?)
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

pub fn insert(tx: &mut DbConnection, attachment: &Attachment) -> Result<()> {
    diesel::insert_into(dsl::attachments).values(attachment).execute(tx)?;
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
