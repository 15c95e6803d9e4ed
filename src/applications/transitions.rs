//! What may follow from here, so that a front end draws the right buttons.

use super::api::ApplicationStatus;
use crate::auth::{Binding, Principal, Scope};
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

/// Whether its applicant can edit it.
pub fn is_editable(status: ApplicationStatus) -> bool {
    matches!(status, ApplicationStatus::Draft | ApplicationStatus::Returned)
}

/// Rule S4: received while the call is open; a correction until the day the instructor gave, if that is later.
pub fn is_receivable(
    call: &CallRow,
    status: ApplicationStatus,
    correctable_until: Option<Instant>,
    now: Instant,
) -> bool {
    let corrected =
        status == ApplicationStatus::Returned && correctable_until.is_some_and(|until| now <= until);
    call.is_open(now) || corrected && call.check_not_archived().is_ok()
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

/// The acts this client may try now. Submission may still be refused for what is missing.
pub fn transitions(principal: &Principal, facts: Facts) -> Vec<Transition> {
    use ApplicationStatus::{Admissible, Returned, Submitted};
    if !principal.scopes.has(Scope::ApplicationsWrite) {
        return Vec::new();
    }
    let own = principal.binding == Binding::Organisation(facts.organisation);
    let staff = principal.binding == Binding::Staff;
    let editable = is_editable(facts.status);
    let withdrawable = matches!(facts.status, Submitted | Returned | Admissible);
    let judged = facts.status == Submitted && !facts.call_archived;
    let possible = [
        (Transition::Edit, own && editable),
        (Transition::Submission, own && editable && facts.receivable),
        (Transition::Withdrawal, own && withdrawable && !facts.call_archived),
        (Transition::Returns, staff && judged),
        (Transition::Admissibility, staff && judged),
    ];
    possible.into_iter().filter(|(_, possible)| *possible).map(|(act, _)| act).collect()
}
