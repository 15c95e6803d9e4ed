//! The rules of submission: every violation is told, none is told twice.

use std::collections::BTreeSet;

use chrono::Datelike;

use super::api::{ApplicationInput, Product};
use crate::calls::{CallInput, Statement, Strand};
use crate::error::{Fault, FaultCode};
use crate::types::{CoFunderId, Money};

/// Equality between women and men: its statement is compulsory for a multi-year agreement, whatever the call says.
const GENDER_EQUALITY: &str = "gender-equality";

/// Everything that keeps an application from being submitted (rules S2, S3, S5, S7; S6 is the organisation's own).
pub fn violations(input: &ApplicationInput, call: &CallInput) -> Vec<Fault> {
    let mut faults = missing(input);
    faults.extend(unbalanced(input));
    faults.extend(mismatched_requests(input));
    faults.extend(foreign_to_the_call(input, call));
    faults.extend(missing_statements(input, call));
    faults.extend(misplaced_dates(input, call));
    faults
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

fn is_in_kind(account: &str) -> bool {
    account.starts_with('8')
}

fn is_public(product: &Product) -> bool {
    product.account.starts_with("74")
}

/// What the action costs in money: the charges of accounts 60 to 69.
pub fn budgeted_charges(input: &ApplicationInput) -> Money {
    let charges = input.budget.charges.iter().filter(|charge| !is_in_kind(&charge.account));
    charges.map(|charge| charge.amount).sum()
}

/// Public money that is not asked of the call's co-funders: lines of account 74 without one.
pub fn other_public_money(input: &ApplicationInput) -> Money {
    let lines =
        input.budget.products.iter().filter(|product| is_public(product) && product.co_funder_id.is_none());
    lines.map(|product| product.amount).sum()
}

fn balance(faults: &mut Vec<Fault>, pointer: &str, left: (&str, Money), right: (&str, Money)) {
    if left.1 != right.1 {
        faults.push(Fault::new(
            pointer,
            FaultCode::Unbalanced,
            format!("{} are {}, {} are {}", left.0, left.1, right.0, right.1),
            format!("{} : {}, {} : {}", left.0, left.1, right.0, right.1),
        ));
    }
}

/// Rule S2: charges equal products, 86 equals 87.
fn unbalanced(input: &ApplicationInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    let charges = |in_kind: bool| -> Money {
        let lines = input.budget.charges.iter().filter(|line| is_in_kind(&line.account) == in_kind);
        lines.map(|line| line.amount).sum()
    };
    let products = |in_kind: bool| -> Money {
        let lines = input.budget.products.iter().filter(|line| is_in_kind(&line.account) == in_kind);
        lines.map(|line| line.amount).sum()
    };
    balance(&mut faults, "/budget", ("60–69", charges(false)), ("70–79", products(false)));
    balance(&mut faults, "/budget", ("86", charges(true)), ("87", products(true)));
    faults
}

/// Rule S2: what a co-funder is asked for is what account 74 shows for it.
fn mismatched_requests(input: &ApplicationInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    let budgeted = |co_funder: CoFunderId| -> Money {
        let lines = input.budget.products.iter();
        lines
            .filter(|line| is_public(line) && line.co_funder_id == Some(co_funder))
            .map(|line| line.amount)
            .sum()
    };
    for (place, request) in input.requests.iter().enumerate() {
        let shown = budgeted(request.co_funder_id);
        if shown != request.amount {
            faults.push(Fault::new(
                format!("/requests/{place}/amount"),
                FaultCode::RequestMismatch,
                format!(
                    "is {}, but the lines of account 74 for this co-funder add up to {shown}",
                    request.amount
                ),
                format!("vaut {}, mais les lignes 74 de ce cofinanceur totalisent {shown}", request.amount),
            ));
        }
    }
    for (place, product) in input.budget.products.iter().enumerate() {
        let asked = product.co_funder_id.map(|id| input.requests.iter().any(|one| one.co_funder_id == id));
        if asked == Some(false) || (asked == Some(true) && !is_public(product)) {
            faults.push(Fault::new(
                format!("/budget/products/{place}/coFunderId"),
                FaultCode::RequestMismatch,
                "names a co-funder that is not asked for this line, or not on account 74",
                "nomme un cofinanceur qui n’est pas sollicité pour cette ligne, ou hors du compte 74",
            ));
        }
    }
    let requested: Money = input.requests.iter().map(|request| request.amount).sum();
    if input.viability_floor.is_some_and(|floor| floor > requested) {
        let (en, fr) = ("is more than what is asked for", "dépasse ce qui est demandé");
        faults.push(Fault::new("/viabilityFloor", FaultCode::TooLarge, en, fr));
    }
    faults
}

/// Rule S5: strand, priorities, challenges, neighbourhoods and co-funders belong to the call.
fn foreign_to_the_call(input: &ApplicationInput, call: &CallInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    let strand =
        input.strand.as_ref().and_then(|code| call.strands.iter().find(|strand| strand.code == *code));
    if let (Some(code), None) = (&input.strand, strand) {
        faults.push(Fault::unknown("/strand", "strand of the call", code));
    }
    // While the strand is not known, what no strand of the call has is foreign already.
    let strands: Vec<&Strand> = strand.map_or_else(|| call.strands.iter().collect(), |strand| vec![strand]);
    {
        for (place, number) in input.challenges.iter().enumerate() {
            if !strands.iter().any(|strand| strand.challenges.contains(number)) {
                faults.push(Fault::unknown(
                    format!("/challenges/{place}"),
                    "challenge of the strand",
                    number,
                ));
            }
        }
        for (place, code) in input.operational_priorities.iter().enumerate() {
            let mut known = strands.iter().flat_map(|strand| &strand.operational_priorities);
            if !known.any(|priority| priority.code == *code) {
                let pointer = format!("/operationalPriorities/{place}");
                faults.push(Fault::unknown(pointer, "operational priority of the strand", code));
            }
        }
    }
    for (place, one) in input.statements.iter().enumerate() {
        let known = call.cross_cutting_priorities.iter().any(|priority| priority.code == one.priority);
        if !known && one.priority != GENDER_EQUALITY {
            let pointer = format!("/statements/{place}/priority");
            faults.push(Fault::unknown(pointer, "cross-cutting priority of the call", &one.priority));
        }
    }
    for (place, code) in input.neighbourhoods.iter().enumerate() {
        if !call.neighbourhoods.contains(code) {
            faults.push(Fault::unknown(
                format!("/neighbourhoods/{place}"),
                "neighbourhood of the call",
                code,
            ));
        }
    }
    for (place, request) in input.requests.iter().enumerate() {
        if !call.launched_by.contains(&request.co_funder_id) {
            let pointer = format!("/requests/{place}/coFunderId");
            faults.push(Fault::unknown(pointer, "co-funder of the call", request.co_funder_id));
        }
    }
    faults
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
            let (en, fr) =
                (format!("needs a statement on {code}"), format!("doit comporter un volet sur {code}"));
            Fault::new("/statements", FaultCode::Required, en, fr)
        })
        .collect()
}

/// Rule S7: the dates fall in the call's year, or begin there when several years are asked for and allowed.
fn misplaced_dates(input: &ApplicationInput, call: &CallInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut outside = |pointer: &str| {
        let (en, fr) = (format!("is not in {}", call.year), format!("n’est pas en {}", call.year));
        faults.push(Fault::new(pointer, FaultCode::OutsidePeriod, en, fr));
    };
    if input.starts_on.is_some_and(|day| day.year() != call.year) {
        outside("/startsOn");
    }
    if input.ends_on.is_some_and(|day| day.year() != call.year) && !input.multi_year {
        outside("/endsOn");
    }
    if let (Some(start), Some(end)) = (input.starts_on, input.ends_on)
        && end < start
    {
        let (en, fr) = ("is before the beginning", "est antérieur au début");
        faults.push(Fault::new("/endsOn", FaultCode::PeriodOrder, en, fr));
    }
    if input.multi_year && !call.rules.multi_year_allowed {
        let (en, fr) = ("is not allowed by the call", "n’est pas permis par l’appel");
        faults.push(Fault::new("/multiYear", FaultCode::NotAllowedValue, en, fr));
    }
    faults
}
