//! What may follow from here, so that a front end draws the right buttons.

use super::status::ApplicationStatus;
use crate::auth::{Binding, Principal, Role};
use crate::calls::CallRow;
use crate::types::{Instant, OrganisationId};
use crate::words;

/// An act on an application: the last segment of its address, or `edit` for a `PATCH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    Edit,
    Submission,
    Withdrawal,
    Returns,
    Admissibility,
}

words!(Transition {
    Edit = "edit": "PATCH of the application itself",
    Submission = "submission",
    Withdrawal = "withdrawal",
    Returns = "returns",
    Admissibility = "admissibility",
});

/// Rule S4: received while the call is open; a correction until the day the instructor gave, if that is later.
pub fn is_receivable(
    call: &CallRow,
    status: ApplicationStatus,
    correctable_until: Option<Instant>,
    now: Instant,
) -> bool {
    let corrected =
        status == ApplicationStatus::Returned && correctable_until.is_some_and(|until| now <= until);
    call.is_open(now) || corrected && !call.is_archived()
}

/// What decides which acts are possible.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub status: ApplicationStatus,
    pub organisation: OrganisationId,
    /// Whether it would be received now (rule S4).
    pub receivable: bool,
    pub call_archived: bool,
}

/// The acts this reader may try now, by its role. Submission may still be refused for what is missing.
pub fn transitions(principal: &Principal, facts: Facts) -> Vec<Transition> {
    if facts.call_archived {
        return Vec::new();
    }
    let status = facts.status;
    let own = principal.binding == Binding::Organisation(facts.organisation);
    let instructs = principal.role == Role::Instructor;
    let possible = [
        (Transition::Edit, own && status.is_editable()),
        (Transition::Submission, own && status.is_editable() && facts.receivable),
        (Transition::Withdrawal, own && status.is_withdrawable()),
        (Transition::Returns, instructs && status.is_returnable()),
        (Transition::Admissibility, instructs && is_judgeable(status, facts.receivable)),
    ];
    possible.into_iter().filter(|(_, possible)| *possible).map(|(act, _)| act).collect()
}

/// Whether an instructor can judge it: submitted, or returned and not corrected in time.
pub fn is_judgeable(status: ApplicationStatus, receivable: bool) -> bool {
    status == ApplicationStatus::Submitted || status == ApplicationStatus::Returned && !receivable
}
