//! The rules of submission: every violation is told, none is told twice, each with the name of its field.

mod audience;
mod budget;
mod fields;
mod period;
mod place;

use std::collections::BTreeSet;

use super::attachments;
use super::content::ApplicationInput;
use crate::calls::{CallInput, Statement};
use crate::error::{Fault, FaultCode};
use crate::types::{AttachmentKind, Money};

pub use budget::{budgeted_charges, other_public_money};

/// Faults told of one application at the most.
const MOST: usize = 1_000;

/// Equality between women and men: its statement is compulsory for a multi-year agreement, whatever the call says.
const GENDER_EQUALITY: &str = "gender-equality";
const EQUALITY: &str = "l’égalité entre les femmes et les hommes";

/// Everything that keeps an application from being submitted (rules S2, S3, S5, S7, S8; S6 is the organisation's own).
pub fn violations(input: &ApplicationInput, call: &CallInput, attached: &[AttachmentKind]) -> Vec<Fault> {
    let mut faults = missing(input);
    faults.extend(budget::unbalanced(input));
    faults.extend(budget::nameless_funders(input));
    faults.extend(budget::mismatched_requests(input, call));
    faults.extend(unreachable_floor(input));
    faults.extend(place::foreign_to_the_call(input, call));
    faults.extend(audience::double_counts(input));
    faults.extend(missing_statements(input, call));
    faults.extend(period::misplaced_dates(input, call));
    faults.extend(period::misplaced_years(input, call));
    faults.extend(attachments::missing(&call.required_attachments, attached));
    faults.truncate(MOST);
    faults.into_iter().map(fields::named).collect()
}

fn missing(input: &ApplicationInput) -> Vec<Fault> {
    let needed = [
        ("/title", input.title.trim().is_empty()),
        ("/objectives", input.objectives.trim().is_empty()),
        ("/strand", input.strand.is_none()),
        ("/challenges", input.challenges.is_empty()),
        ("/neighbourhoods", input.neighbourhoods.is_empty()),
        ("/startsOn", input.starts_on.is_none()),
        ("/endsOn", input.ends_on.is_none()),
        ("/budget/charges", input.budget.charges.is_empty()),
        ("/requests", input.requests.is_empty()),
    ];
    needed.into_iter().filter(|(_, missing)| *missing).map(|(pointer, _)| Fault::required(pointer)).collect()
}

/// The floor is of the money that is asked for: more than that could never be reached.
fn unreachable_floor(input: &ApplicationInput) -> Vec<Fault> {
    let requested: Money = input.requests.iter().map(|request| request.amount).sum();
    if input.viability_floor.is_none_or(|floor| floor <= requested) {
        return Vec::new();
    }
    let (en, fr) = ("is more than what is asked for", "dépasse ce qui est demandé");
    vec![Fault::new("/viabilityFloor", FaultCode::TooLarge, en, fr)]
}

/// Rule S3.
fn missing_statements(input: &ApplicationInput, call: &CallInput) -> Vec<Fault> {
    let by_the_call = call.cross_cutting_priorities.iter().filter(|priority| match priority.statement {
        Statement::Required => true,
        Statement::RequiredIfMultiYear => input.multi_year,
        Statement::Optional => false,
    });
    let mut needed: BTreeSet<&str> = by_the_call.map(|priority| priority.code.as_str()).collect();
    if input.multi_year {
        needed.insert(GENDER_EQUALITY);
    }
    let missing = needed.into_iter().filter(|code| !input.statements.iter().any(|one| one.priority == *code));
    missing
        .map(|code| {
            let asked = call.cross_cutting_priorities.iter().find(|priority| priority.code == code);
            let title = asked.map_or(EQUALITY, |priority| &priority.title.fr);
            let en = format!("a statement on {code} is missing");
            let fr = format!("il manque la réponse à « {title} » ({code})");
            Fault::new("/statements", FaultCode::Required, en, fr)
        })
        .collect()
}
