//! The rules of calls: the phase by the clock, what publication needs (K1), what stays changeable afterwards (K2).

use super::api::{CallInput, CallStatus, Phase};
use super::envelopes::EnvelopePart;
use crate::contracts::{ContractInput, documents_are_kept};
use crate::error::{Fault, FaultCode};
use crate::types::{CoFunderId, Instant};

/// Where `now` is in the call's period; the closing instant itself is still inside. A call without dates is upcoming.
pub fn phase(opens_at: Option<Instant>, closes_at: Option<Instant>, now: Instant) -> Phase {
    match (opens_at, closes_at) {
        (_, Some(closes)) if now > closes => Phase::Closed,
        (Some(opens), Some(_)) if now >= opens => Phase::Open,
        _ => Phase::Upcoming,
    }
}

/// Everything that keeps a call from being published (rule K1). `contract` is the one in force when the call opens,
/// `envelopes` what its co-funders put in.
pub fn publication_faults(
    input: &CallInput,
    contract: &ContractInput,
    envelopes: &[(CoFunderId, Vec<EnvelopePart>)],
) -> Vec<Fault> {
    let mut faults = misplaced_period(input, contract);
    if input.launched_by.is_empty() {
        faults.push(Fault::required("/launchedBy"));
    }
    for (place, co_funder) in input.launched_by.iter().enumerate() {
        if !envelopes.iter().any(|(of, _)| of == co_funder) {
            faults.push(Fault::new(
                format!("/launchedBy/{place}"),
                FaultCode::MissingEnvelope,
                "has not set its envelope in this call (0 is allowed)",
                "n’a pas fixé son enveloppe dans cet appel (0 est permis)",
            ));
        }
    }
    if input.strands.is_empty() {
        faults.push(Fault::required("/strands"));
    }
    faults.extend(unknown_references(input, contract));
    faults.extend(misspent_envelopes(input, envelopes));
    faults
}

/// The call opens before it closes, inside the contract's period.
fn misplaced_period(input: &CallInput, contract: &ContractInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (pointer, missing) in
        [("/opensAt", input.opens_at.is_none()), ("/closesAt", input.closes_at.is_none())]
    {
        if missing {
            faults.push(Fault::required(pointer));
        }
    }
    if let (Some(opens), Some(closes)) = (input.opens_at, input.closes_at)
        && closes <= opens
    {
        let (en, fr) = ("must be after the opening", "doit être postérieur à l’ouverture");
        faults.push(Fault::new("/closesAt", FaultCode::PeriodOrder, en, fr));
    }
    let (first, last) = (contract.starts_on, contract.ends_on);
    if input.opens_at.is_some_and(|at| at.date() < first || at.date() > last) {
        faults.push(Fault::new(
            "/opensAt",
            FaultCode::OutsidePeriod,
            format!("is outside the contract, which runs from {first} to {last}"),
            format!("est hors du contrat, qui court du {first} au {last}"),
        ));
    }
    faults
}

fn unknown_references(input: &CallInput, contract: &ContractInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, strand) in input.strands.iter().enumerate() {
        for (at, number) in strand.challenges.iter().enumerate() {
            if !contract.challenges.iter().any(|challenge| challenge.number == *number) {
                faults.push(Fault::unknown(
                    format!("/strands/{place}/challenges/{at}"),
                    ("challenge", "enjeu"),
                    number,
                ));
            }
        }
    }
    for (place, code) in input.neighbourhoods.iter().enumerate() {
        if !contract.neighbourhoods.iter().any(|known| known.code == *code) {
            faults.push(Fault::unknown(
                format!("/neighbourhoods/{place}"),
                ("neighbourhood", "quartier"),
                code,
            ));
        }
    }
    faults
}

/// An envelope whose money is for a strand the call has no more.
fn misspent_envelopes(input: &CallInput, envelopes: &[(CoFunderId, Vec<EnvelopePart>)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (co_funder, parts) in envelopes {
        let Some(place) = input.launched_by.iter().position(|one| one == co_funder) else { continue };
        let strands = parts.iter().filter_map(|part| part.strand.as_ref());
        for code in strands.filter(|code| !input.strands.iter().any(|strand| strand.code == **code)) {
            faults.push(Fault::new(
                format!("/launchedBy/{place}"),
                FaultCode::UnknownReference,
                format!("its envelope is for the strand {code}, which the call does not have"),
                format!("son enveloppe porte sur le volet {code}, que l’appel n’a pas"),
            ));
        }
    }
    faults
}

/// Whether a call that is not a draft may become `after` (rule K2): documents are added, and while the co-funders have
/// not decided, its deadline moves to a later one.
pub fn may_still_become(status: CallStatus, before: &CallInput, after: &CallInput) -> bool {
    let extendable = status == CallStatus::Published;
    let kept_up = CallInput {
        closes_at: if extendable { after.closes_at } else { before.closes_at },
        documents: after.documents.clone(),
        ..before.clone()
    };
    status != CallStatus::Archived
        && kept_up == *after
        && after.closes_at >= before.closes_at
        && documents_are_kept(&before.documents, &after.documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn a_call_without_dates_is_upcoming() {
        let now = at("2022-10-03T07:00:00Z");
        assert_eq!(phase(None, None, now), Phase::Upcoming);
        assert_eq!(phase(Some(now), None, now), Phase::Upcoming);
    }

    #[test]
    fn the_phase_follows_the_clock() {
        let (opens, closes) = (at("2022-10-03T07:00:00Z"), at("2022-11-18T22:59:59Z"));
        assert_eq!(phase(Some(opens), Some(closes), at("2022-10-03T06:59:59.999999Z")), Phase::Upcoming);
        assert_eq!(phase(Some(opens), Some(closes), opens), Phase::Open);
        assert_eq!(phase(Some(opens), Some(closes), closes), Phase::Open);
        assert_eq!(phase(Some(opens), Some(closes), at("2022-11-18T22:59:59.000001Z")), Phase::Closed);
    }
}
