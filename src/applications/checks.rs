//! How far an application is from being submitted: part by part, for a progress bar.

use serde::Serialize;
use utoipa::ToSchema;

use super::api::Warning;
use super::content::ApplicationInput;
use super::rules::violations;
use crate::calls::CallInput;
use crate::error::Fault;
use crate::types::AttachmentKind;

/// The parts of an application, in the order of the form (Cerfa 12156): their name, and the members they are made of.
const PARTS: [(&str, &[&str]); 8] = [
    ("project", &["/title", "/objectives", "/needs", "/description", "/audiences"]),
    ("place-in-the-call", &["/strand", "/challenges", "/operationalPriorities", "/neighbourhoods"]),
    ("statements", &["/statements"]),
    ("dates", &["/startsOn", "/endsOn", "/multiYear"]),
    ("budget", &["/budget", "/furtherYears"]),
    ("requests", &["/requests"]),
    ("viability", &["/viabilityFloor"]),
    ("attachments", &["/attachments"]),
];

/// One part of an application, and what is missing in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartCheck {
    /// Which part, as a stable word.
    #[schema(max_length = 60)]
    pub part: &'static str,
    pub done: bool,
    #[schema(max_items = 1000)]
    pub missing: Vec<Warning>,
}

/// How far an application is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "done": 7, "total": 8,
    "parts": [{
        "part": "budget", "done": false,
        "missing": [{
            "pointer": "/budget", "code": "unbalanced",
            "detail": {
                "en": "budget: 60–69 are 20000.00, 70–79 are 19000.00", "fr": "budget : 60–69 : 20000.00, 70–79 : 19000.00"
            }
        }]
    }]
}))]
pub struct Checks {
    /// How many parts nothing is missing in.
    #[schema(minimum = 0, maximum = 100)]
    pub done: usize,
    /// How many parts there are.
    #[schema(minimum = 0, maximum = 100)]
    pub total: usize,
    #[schema(max_items = 100)]
    pub parts: Vec<PartCheck>,
}

pub fn checks(content: &ApplicationInput, call: &CallInput, attached: &[AttachmentKind]) -> Checks {
    let faults = violations(content, call, attached);
    let parts: Vec<PartCheck> =
        PARTS.into_iter().map(|(part, members)| check(part, members, &faults)).collect();
    Checks { done: parts.iter().filter(|part| part.done).count(), total: parts.len(), parts }
}

fn check(part: &'static str, members: &[&str], faults: &[Fault]) -> PartCheck {
    let own = |fault: &&Fault| {
        members.iter().any(|member| {
            fault.pointer.strip_prefix(member).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let missing: Vec<Warning> = faults.iter().filter(own).cloned().map(Warning::from).collect();
    PartCheck { part, done: missing.is_empty(), missing }
}
