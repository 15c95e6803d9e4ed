//! The rules of calls: the phase by the clock, what publication needs (K1), what stays changeable afterwards (K2).

use std::collections::BTreeSet;

use super::api::{CallInput, Phase};
use crate::contracts::ContractInput;
use crate::error::{Fault, FaultCode};
use crate::types::{CoFunderId, Instant};

/// Where `now` is in the call's period; the closing instant itself is still inside.
pub fn phase(opens_at: Instant, closes_at: Instant, now: Instant) -> Phase {
    if now < opens_at {
        Phase::Upcoming
    } else if now <= closes_at {
        Phase::Open
    } else {
        Phase::Closed
    }
}

/// Everything that keeps a call from being published (rule K1). `contract` is the one in force when the call opens,
/// `funded` the co-funders that have set an envelope.
pub fn publication_faults(
    input: &CallInput,
    contract: &ContractInput,
    funded: &BTreeSet<CoFunderId>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let opens_on = input.opens_at.date();
    if opens_on < contract.starts_on || opens_on > contract.ends_on {
        faults.push(Fault::new(
            "/opensAt",
            FaultCode::OutsidePeriod,
            format!(
                "is outside the contract, which runs from {} to {}",
                contract.starts_on, contract.ends_on
            ),
            format!("est hors du contrat, qui court du {} au {}", contract.starts_on, contract.ends_on),
        ));
    }
    if input.launched_by.is_empty() {
        faults.push(Fault::required("/launchedBy"));
    }
    for (place, co_funder) in input.launched_by.iter().enumerate() {
        if !funded.contains(co_funder) {
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
    faults
}

fn unknown_references(input: &CallInput, contract: &ContractInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, strand) in input.strands.iter().enumerate() {
        for (at, number) in strand.challenges.iter().enumerate() {
            if !contract.challenges.iter().any(|challenge| challenge.number == *number) {
                faults.push(Fault::unknown(format!("/strands/{place}/challenges/{at}"), "challenge", number));
            }
        }
    }
    for (place, code) in input.neighbourhoods.iter().enumerate() {
        if !contract.neighbourhoods.iter().any(|known| known.code == *code) {
            faults.push(Fault::unknown(format!("/neighbourhoods/{place}"), "neighbourhood", code));
        }
    }
    faults
}

/// Whether a published call may become `after`: only its deadline moves, and only later (rule K2).
pub fn may_still_become(before: &CallInput, after: &CallInput) -> bool {
    let extended = CallInput { closes_at: after.closes_at, ..before.clone() };
    extended == *after && after.closes_at >= before.closes_at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn the_phase_follows_the_clock() {
        let (opens, closes) = (at("2022-10-03T07:00:00Z"), at("2022-11-18T22:59:59Z"));
        assert_eq!(phase(opens, closes, at("2022-10-03T06:59:59.999999Z")), Phase::Upcoming);
        assert_eq!(phase(opens, closes, opens), Phase::Open);
        assert_eq!(phase(opens, closes, closes), Phase::Open);
        assert_eq!(phase(opens, closes, at("2022-11-18T22:59:59.000001Z")), Phase::Closed);
    }
}
