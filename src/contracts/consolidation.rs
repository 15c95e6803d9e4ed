//! What a contract says at a date: the original terms with the amendments in force folded in, one after the other.

use chrono::NaiveDate;

use super::api::{
    AmendmentInput, AmendmentKind, Challenge, Change, Commitment, ContractInput, Neighbourhood,
};
use crate::error::{Fault, FaultCode};
use crate::types::AmendmentId;

/// The terms of a contract at some date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub contract: ContractInput,
    pub commitments: Vec<Commitment>,
}

/// An amendment, as far as folding goes.
#[derive(Debug, Clone)]
pub struct Dated {
    pub id: AmendmentId,
    pub kind: AmendmentKind,
    pub title: String,
    pub effective_on: NaiveDate,
    /// The later of `effective_on` and the last signature: nobody signs into the past (rules A1, A4).
    pub in_force_from: NaiveDate,
    pub changes: Vec<Change>,
}

impl Dated {
    pub fn new(id: AmendmentId, input: &AmendmentInput, last_signed_on: Option<NaiveDate>) -> Self {
        Self {
            id,
            kind: input.kind,
            title: input.title.clone(),
            effective_on: input.effective_on,
            in_force_from: last_signed_on.map_or(input.effective_on, |day| day.max(input.effective_on)),
            changes: input.changes.clone(),
        }
    }
}

/// The order in which amendments apply: by the day they come into force, then as they were drafted.
pub fn in_order(mut amendments: Vec<Dated>) -> Vec<Dated> {
    amendments.sort_by_key(|amendment| (amendment.in_force_from, amendment.id));
    amendments
}

/// Folds ordered amendments into the original terms. Every change that cannot apply is a fault, told with the
/// amendment it belongs to (rule A3).
pub fn fold(original: &ContractInput, amendments: &[Dated]) -> (Terms, Vec<(AmendmentId, Fault)>) {
    let mut terms = Terms { contract: original.clone(), commitments: Vec::new() };
    let mut faults = Vec::new();
    for amendment in amendments {
        for (place, change) in amendment.changes.iter().enumerate() {
            if let Err(fault) = apply(&mut terms, change, &format!("/changes/{place}")) {
                faults.push((amendment.id, fault));
            }
        }
    }
    (terms, faults)
}

fn refuse<T>(at: &str, member: &str, en: String, fr: &str) -> Result<T, Fault> {
    Err(Fault::new(format!("{at}/{member}"), FaultCode::NotApplicable, en, fr))
}

fn apply(terms: &mut Terms, change: &Change, at: &str) -> Result<(), Fault> {
    let contract = &mut terms.contract;
    match change {
        Change::ExtendPeriod { ends_on } if *ends_on <= contract.ends_on => {
            let en = format!("does not extend the contract, which ends on {}", contract.ends_on);
            return refuse(at, "endsOn", en, "ne prolonge pas le contrat");
        }
        Change::ExtendPeriod { ends_on } => contract.ends_on = *ends_on,
        Change::AddChallenge { challenge } => add_challenge(contract, challenge, at)?,
        Change::ReviseChallenge { challenge } => {
            match contract.challenges.iter_mut().find(|known| known.number == challenge.number) {
                Some(known) => *known = challenge.clone(),
                None => return no_challenge(at, "challenge/number", challenge.number),
            }
        }
        Change::RetireChallenge { number } => {
            match contract.challenges.iter().position(|known| known.number == *number) {
                Some(place) => drop(contract.challenges.remove(place)),
                None => return no_challenge(at, "number", *number),
            }
        }
        Change::AddNeighbourhood { neighbourhood } => add_neighbourhood(contract, neighbourhood, at)?,
        Change::RemoveNeighbourhood { code } => {
            match contract.neighbourhoods.iter().position(|known| known.code == *code) {
                Some(place) => drop(contract.neighbourhoods.remove(place)),
                None => {
                    return refuse(
                        at,
                        "code",
                        format!("no neighbourhood {code}"),
                        "ce quartier n’existe pas",
                    );
                }
            }
        }
        Change::AddSignatory { co_funder_id } if contract.signatories.contains(co_funder_id) => {
            return refuse(at, "coFunderId", "already signs".to_owned(), "signe déjà");
        }
        Change::AddSignatory { co_funder_id } => contract.signatories.push(*co_funder_id),
        Change::AddCommitment { commitment } => add_commitment(terms, commitment, at)?,
        Change::RetireCommitment { code } => {
            match terms.commitments.iter().position(|known| known.code == *code) {
                Some(place) => drop(terms.commitments.remove(place)),
                None => {
                    return refuse(
                        at,
                        "code",
                        format!("no commitment {code}"),
                        "cet engagement n’existe pas",
                    );
                }
            }
        }
    }
    Ok(())
}

fn add_challenge(contract: &mut ContractInput, challenge: &Challenge, at: &str) -> Result<(), Fault> {
    if contract.challenges.iter().any(|known| known.number == challenge.number) {
        let en = format!("challenge {} is already there", challenge.number);
        return refuse(at, "challenge/number", en, "cet enjeu existe déjà");
    }
    contract.challenges.push(challenge.clone());
    contract.challenges.sort_by_key(|known| known.number);
    Ok(())
}

fn add_neighbourhood(contract: &mut ContractInput, one: &Neighbourhood, at: &str) -> Result<(), Fault> {
    if contract.neighbourhoods.iter().any(|known| known.code == one.code) {
        let en = format!("neighbourhood {} is already there", one.code);
        return refuse(at, "neighbourhood/code", en, "ce quartier existe déjà");
    }
    contract.neighbourhoods.push(one.clone());
    Ok(())
}

fn no_challenge<T>(at: &str, member: &str, number: i32) -> Result<T, Fault> {
    refuse(at, member, format!("no challenge {number}"), "cet enjeu n’existe pas")
}

fn add_commitment(terms: &mut Terms, commitment: &Commitment, at: &str) -> Result<(), Fault> {
    if terms.commitments.iter().any(|known| known.code == commitment.code) {
        let en = format!("commitment {} is already there", commitment.code);
        return refuse(at, "commitment/code", en, "cet engagement existe déjà");
    }
    if !terms.contract.challenges.iter().any(|known| known.number == commitment.challenge) {
        return no_challenge(at, "commitment/challenge", commitment.challenge);
    }
    if !terms.contract.signatories.contains(&commitment.co_funder_id) {
        return refuse(at, "commitment/coFunderId", "is not a signatory".to_owned(), "n’est pas signataire");
    }
    terms.commitments.push(commitment.clone());
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::api::{Challenge, Territory};
    use super::*;
    use crate::types::{CoFunderId, InseeCode};

    fn day(offset: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2016, 1, 1).unwrap() + chrono::Days::new(offset)
    }

    fn original() -> ContractInput {
        ContractInput {
            reference: "CV".to_owned(),
            title: "Contrat".to_owned(),
            territory: Territory { insee_code: InseeCode::parse("41018").unwrap(), name: "Blois".to_owned() },
            starts_on: day(0),
            ends_on: day(1_000),
            challenges: vec![Challenge { number: 1, title: "un".to_owned() }],
            cross_cutting_challenges: vec![],
            neighbourhoods: vec![],
            signatories: vec![CoFunderId::generate()],
        }
    }

    fn change() -> impl Strategy<Value = Change> {
        let challenge = (1..5_i32, "[a-z]{1,5}").prop_map(|(number, title)| Challenge { number, title });
        prop_oneof![
            (0..3_000_u64).prop_map(|offset| Change::ExtendPeriod { ends_on: day(offset) }),
            challenge.clone().prop_map(|challenge| Change::AddChallenge { challenge }),
            challenge.prop_map(|challenge| Change::ReviseChallenge { challenge }),
            (1..5_i32).prop_map(|number| Change::RetireChallenge { number }),
        ]
    }

    fn amendments() -> impl Strategy<Value = Vec<Dated>> {
        let one = (0..900_u64, prop::collection::vec(change(), 1..4)).prop_map(|(offset, changes)| Dated {
            id: AmendmentId::generate(),
            kind: AmendmentKind::Ordinary,
            title: String::new(),
            effective_on: day(offset),
            in_force_from: day(offset),
            changes,
        });
        prop::collection::vec(one, 0..8)
    }

    #[test]
    fn shortening_the_period_cannot_apply() {
        let change = Change::ExtendPeriod { ends_on: day(10) };
        let mut terms = Terms { contract: original(), commitments: vec![] };
        let fault = apply(&mut terms, &change, "/changes/0").unwrap_err();
        assert_eq!((fault.pointer.as_str(), fault.code), ("/changes/0/endsOn", FaultCode::NotApplicable));
        assert_eq!(terms.contract.ends_on, day(1_000));
    }

    proptest! {
        #[test]
        fn reading_at_a_date_never_depends_on_later_amendments(all in amendments(), offset in 0..1_000_u64) {
            let all = in_order(all);
            let until = |limit: NaiveDate| -> Vec<Dated> {
                all.iter().filter(|one| one.in_force_from <= limit).cloned().collect()
            };
            let read = fold(&original_once(), &until(day(offset))).0;
            let earlier: Vec<Dated> = until(day(2_000)).into_iter().take_while(|one| one.in_force_from <= day(offset)).collect();
            prop_assert_eq!(read, fold(&original_once(), &earlier).0);
        }

        #[test]
        fn folding_one_by_one_is_folding_at_once(all in amendments()) {
            let all = in_order(all);
            let start = original_once();
            let mut terms = Terms { contract: start.clone(), commitments: vec![] };
            for one in &all {
                for change in &one.changes {
                    let _inapplicable = apply(&mut terms, change, "");
                }
            }
            prop_assert_eq!(terms, fold(&start, &all).0);
        }
    }

    /// The same original each time, so that two folds can be compared.
    fn original_once() -> ContractInput {
        ContractInput {
            signatories: vec!["01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()],
            ..original()
        }
    }
}
