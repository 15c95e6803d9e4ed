//! Rule S7: the dates fall in the call's year, or in the multi-year span that begins there.

use std::collections::BTreeSet;

use chrono::Datelike;

use super::super::content::ApplicationInput;
use crate::calls::CallInput;
use crate::error::{Fault, FaultCode};

/// The last year an action of this call may reach.
fn last_year(input: &ApplicationInput, call: &CallInput) -> i32 {
    match input.multi_year {
        true => call.year + call.rules.maximum_years - 1,
        false => call.year,
    }
}

fn outside(pointer: impl Into<String>, from: i32, to: i32) -> Fault {
    let (en, fr) = match from == to {
        true => (format!("not in {from}"), format!("hors de {from}")),
        false => (format!("not from {from} to {to}"), format!("hors des années {from} à {to}")),
    };
    Fault::new(pointer, FaultCode::OutsidePeriod, en, fr)
}

pub(super) fn misplaced_dates(input: &ApplicationInput, call: &CallInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    if input.starts_on.is_some_and(|day| day.year() != call.year) {
        faults.push(outside("/startsOn", call.year, call.year));
    }
    let last = last_year(input, call);
    if input.ends_on.is_some_and(|day| !(call.year..=last).contains(&day.year())) {
        faults.push(outside("/endsOn", call.year, last));
    }
    if let (Some(start), Some(end)) = (input.starts_on, input.ends_on)
        && end < start
    {
        let (en, fr) = ("before the beginning", "avant le début");
        faults.push(Fault::new("/endsOn", FaultCode::PeriodOrder, en, fr));
    }
    if input.multi_year && !call.rules.multi_year_allowed {
        let (en, fr) = ("not allowed by the call", "l’appel ne la permet pas");
        faults.push(Fault::new("/multiYear", FaultCode::NotAllowedValue, en, fr));
    }
    faults.extend(single_year_plan(input, call));
    faults
}

/// A multi-year agreement covers several exercises: a plan that ends in the call's year is none.
fn single_year_plan(input: &ApplicationInput, call: &CallInput) -> Option<Fault> {
    let ends_in_first_year = input.ends_on.is_some_and(|day| day.year() <= call.year);
    (input.multi_year && ends_in_first_year).then(|| {
        let year = call.year;
        let en = format!("the action ends in {year}: a multi-year agreement covers further years");
        let fr = format!(
            "l’action se termine en {year} : une convention pluriannuelle couvre aussi les années suivantes"
        );
        Fault::new("/multiYear", FaultCode::NotApplicable, en, fr)
    })
}

/// A multi-year plan has a budget for each of its years after the call's; an action of one year has none.
pub(super) fn misplaced_years(input: &ApplicationInput, call: &CallInput) -> Vec<Fault> {
    if !input.multi_year {
        let (en, fr) = ("for multi-year plans only", "pour un plan pluriannuel seulement");
        let told = Fault::new("/furtherYears", FaultCode::NotApplicable, en, fr);
        return if input.further_years.is_empty() { Vec::new() } else { vec![told] };
    }
    let last = last_year(input, call);
    let ends = input.ends_on.map_or(call.year, |day| day.year()).min(last);
    let told: BTreeSet<i32> = input.further_years.iter().map(|one| one.year).collect();
    let missing = (call.year + 1..=ends).filter(|year| !told.contains(year)).map(|year| {
        let (en, fr) = (format!("the budget of {year} is missing"), format!("il manque le budget de {year}"));
        Fault::new("/furtherYears", FaultCode::Required, en, fr)
    });
    // Until it is known when the plan ends, any year it may reach is right.
    let until = input.ends_on.map_or(last, |_| ends);
    let years = input.further_years.iter().enumerate();
    let foreign = years
        .filter(|(_, one)| !(call.year + 1..=until).contains(&one.year))
        .map(|(place, _)| outside(format!("/furtherYears/{place}/year"), call.year + 1, until));
    let years = input.further_years.iter().enumerate();
    let empty = years
        .filter(|(_, one)| one.budget.charges.is_empty())
        .map(|(place, _)| Fault::required(format!("/furtherYears/{place}/budget/charges")));
    missing.chain(foreign).chain(empty).collect()
}
