//! Which pieces an application needs, who sees them, and which names fit.

use super::super::store::Row;
use super::super::view;
use super::api::{Attachment, AttachmentQuery};
use crate::auth::Principal;
use crate::error::{Error, Fault, FaultCode, Result};
use crate::files::MediaType;
use crate::types::AttachmentKind;

/// Pieces of one application at the most that were not received yet: those that were cannot be removed to make room.
pub const MOST: usize = 50;

/// Rule S8: every kind the call requires is attached.
pub fn missing(required: &[AttachmentKind], attached: &[AttachmentKind]) -> Vec<Fault> {
    let absent = required.iter().filter(|kind| !attached.contains(kind));
    absent
        .map(|kind| {
            let en = format!("the {} ({kind}) is missing", kind.english());
            let fr = format!("il manque : {} ({kind})", kind.french());
            Fault::new("/attachments", FaultCode::Required, en, fr)
        })
        .collect()
}

/// What a reader of an application may see of its pieces.
#[derive(Debug, Clone, Copy)]
pub struct Sight {
    /// Those that were not received yet: its applicant's and the staff's.
    corrections: bool,
    /// Those that name people: for the same, and for the co-funders it asks.
    people: bool,
}

impl Sight {
    /// Of one who sees the application itself.
    pub fn of(principal: &Principal, row: &Row) -> Self {
        let corrections = view::sees_corrections(principal, row);
        let shown = row.received.as_ref().unwrap_or(&row.content);
        let people = view::sees_people(principal, row.organisation_id, shown);
        Self { corrections, people }
    }

    pub fn shows(self, attachment: &Attachment) -> bool {
        (self.corrections || attachment.received) && self.shows_kind(attachment.kind)
    }

    pub fn shows_kind(self, kind: AttachmentKind) -> bool {
        self.people || !kind.names_people()
    }
}

/// Refuses a name that promises another type: who saves the file opens it by its name.
pub fn check_name(named: &AttachmentQuery, media_type: MediaType) -> Result<()> {
    if media_type.is_named(&named.file_name) {
        return Ok(());
    }
    let endings: Vec<String> = media_type.extensions().iter().map(|ending| format!(".{ending}")).collect();
    let (en, fr) = (
        format!("must end in {}, as {media_type} does", endings.join(" or ")),
        format!("doit se terminer par {}, comme {media_type}", endings.join(" ou ")),
    );
    Err(Error::invalid(vec![Fault::new("fileName", FaultCode::NotAllowedValue, en, fr)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use AttachmentKind::{Officers, Quote, Statutes};

    #[test]
    fn each_missing_kind_is_told_once() {
        let told = missing(&[Statutes, Officers], &[Quote, Officers, Officers]);
        let told: Vec<(&str, &str)> =
            told.iter().map(|fault| (fault.pointer.as_str(), fault.detail.en.as_str())).collect();
        assert_eq!(told, [("/attachments", "the statutes (statutes) is missing")]);
        assert!(missing(&[], &[]).is_empty() && missing(&[Statutes], &[Statutes]).is_empty());
    }

    #[test]
    fn who_may_not_see_people_sees_the_rest() {
        let outside = Sight { corrections: false, people: false };
        assert!(outside.shows_kind(Statutes) && !outside.shows_kind(Officers));
        assert!(Sight { people: true, ..outside }.shows_kind(Officers));
    }
}
