//! Adding and removing pieces of an application.

use super::super::store as applications;
use super::super::store::Row;
use super::super::workflow::{not_from, own};
use super::api::{Attachment, AttachmentQuery};
use super::rules::{MOST, Sight};
use super::store;
use crate::calls;
use crate::db::DbConnection;
use crate::error::{Code, Error, Fault, FaultCode, Result};
use crate::events::{self, Event};
use crate::files::{MediaType, Upload};
use crate::http::{Actor, ETag, IfMatch, Reader};
use crate::types::{ApplicationId, AttachmentId};

/// The pieces of an application that a reader sees.
pub fn list(
    connection: &mut DbConnection,
    reader: &Reader,
    application: ApplicationId,
) -> Result<Vec<Attachment>> {
    let row = applications::find(connection, &reader.principal, application)?;
    let sight = Sight::of(&reader.principal, &row);
    let all = store::list(connection, application)?;
    Ok(all.into_iter().filter(|attachment| sight.shows(attachment)).collect())
}

/// One of them.
pub fn find(
    connection: &mut DbConnection,
    reader: &Reader,
    application: ApplicationId,
    id: AttachmentId,
) -> Result<Attachment> {
    let shown = list(connection, reader, application)?;
    shown.into_iter().find(|attachment| attachment.id == id).ok_or_else(Error::not_found)
}

/// What is recorded of a file that was stored.
pub fn described(
    id: AttachmentId,
    application: ApplicationId,
    named: AttachmentQuery,
    media_type: MediaType,
    upload: &Upload,
    actor: &Actor,
) -> Result<Attachment> {
    Ok(Attachment {
        id,
        application_id: application,
        kind: named.kind,
        file_name: named.file_name,
        media_type,
        size: i64::try_from(upload.size).map_err(Error::internal)?,
        sha256: upload.sha256(),
        received: false,
        created_at: actor.now,
    })
}

/// Refuses one who may not add a piece now; asked before its bytes are received.
pub fn check_addable(connection: &mut DbConnection, actor: &Actor, application: ApplicationId) -> Result<()> {
    let row = applications::find(connection, &actor.principal, application)?;
    check_open(connection, actor, &row)?;
    check_room(connection, application)
}

fn check_open(connection: &mut DbConnection, actor: &Actor, row: &Row) -> Result<()> {
    own(actor, row.organisation_id)?;
    if !row.status.is_editable() {
        return Err(not_from(row.status, "given or relieved of attachments", "doté ou privé de pièces"));
    }
    calls::find(connection, Some(&actor.principal), row.call_id)?.check_not_archived()
}

fn check_room(connection: &mut DbConnection, application: ApplicationId) -> Result<()> {
    let pending = store::list(connection, application)?.iter().filter(|one| !one.received).count();
    if pending < MOST {
        return Ok(());
    }
    let (en, fr) = (
        format!("has {MOST} items already that were not received yet"),
        format!("compte déjà {MOST} éléments qui ne sont pas encore déposés"),
    );
    Err(Error::invalid(vec![Fault::new("/attachments", FaultCode::TooMany, en, fr)]))
}

/// Records a piece whose bytes are stored.
pub fn add(tx: &mut DbConnection, actor: &Actor, attachment: &Attachment) -> Result<()> {
    let application = attachment.application_id;
    let row = applications::lock(tx, &actor.principal, application)?;
    check_open(tx, actor, &row)?;
    check_room(tx, application)?;
    store::insert(tx, attachment)?;
    events::record(tx, actor, Event::AttachmentAdded, application, attachment)
}

/// Removes a piece that was not received yet.
pub fn remove(
    tx: &mut DbConnection,
    actor: &Actor,
    application: ApplicationId,
    id: AttachmentId,
    if_match: &IfMatch,
) -> Result<()> {
    let row = applications::lock(tx, &actor.principal, application)?;
    let attachment = find(tx, actor, application, id)?;
    own(actor, row.organisation_id)?;
    if_match.check(&ETag::of(&attachment)?)?;
    check_open(tx, actor, &row)?;
    if attachment.received {
        let (en, fr) = (
            "it was received with the application, and stays; a later one can be added",
            "elle a été reçue avec le dossier et y reste ; une autre peut être ajoutée",
        );
        return Err(Error::new(Code::InvalidTransition).detail(en, fr));
    }
    store::delete(tx, id)?;
    events::record(tx, actor, Event::AttachmentRemoved, application, &attachment)
}
