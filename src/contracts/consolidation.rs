//! What a contract says at a date: the original terms with the amendments in force folded in, one after the other.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::amendments::{AmendmentInput, AmendmentKind, Change, CommitmentTerms};
use super::api::{Challenge, ContractInput, Neighbourhood};
use crate::error::{Fault, FaultCode};
use crate::types::{AmendmentId, CoFunderId};

/// The terms of a contract at some date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub contract: ContractInput,
    pub commitments: Vec<CommitmentTerms>,
    /// The party of every commitment, by its code, those that were retired included: what was reported on one never falls
    /// to another.
    pub parties: BTreeMap<String, CoFunderId>,
}

impl Terms {
    /// What was signed at first.
    pub fn original(contract: &ContractInput) -> Self {
        Self { contract: contract.clone(), commitments: Vec::new(), parties: BTreeMap::new() }
    }
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
    fold_into(Terms::original(original), amendments)
}

fn fold_into(mut terms: Terms, amendments: &[Dated]) -> (Terms, Vec<(AmendmentId, Fault)>) {
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

fn refuse<T>(at: &str, member: &str, en: String, fr: String) -> Result<T, Fault> {
    Err(Fault::new(format!("{at}/{member}"), FaultCode::NotApplicable, en, fr))
}

fn apply(terms: &mut Terms, change: &Change, at: &str) -> Result<(), Fault> {
    let contract = &mut terms.contract;
    match change {
        Change::ExtendPeriod { ends_on } => extend_period(contract, *ends_on, at),
        Change::AddChallenge { challenge } => add_challenge(contract, challenge, at),
        Change::ReviseChallenge { challenge } => revise_challenge(contract, challenge, at),
        Change::RetireChallenge { number } => retire_challenge(terms, *number, at),
        Change::AddNeighbourhood { neighbourhood } => add_neighbourhood(contract, neighbourhood, at),
        Change::RemoveNeighbourhood { code } => remove_neighbourhood(contract, code, at),
        Change::AddSignatory { co_funder_id } if contract.signatories.contains(co_funder_id) => {
            refuse(at, "coFunderId", "already signs".to_owned(), "signe déjà".to_owned())
        }
        Change::AddSignatory { co_funder_id } => {
            contract.signatories.push(*co_funder_id);
            Ok(())
        }
        Change::AddCommitment { commitment } => add_commitment(terms, commitment, at),
        Change::RetireCommitment { code } => retire_commitment(terms, code, at),
    }
}

fn extend_period(contract: &mut ContractInput, ends_on: NaiveDate, at: &str) -> Result<(), Fault> {
    if ends_on <= contract.ends_on {
        let en = format!("does not extend the contract, which ends on {}", contract.ends_on);
        let fr = format!("ne prolonge pas le contrat, qui s’achève le {}", contract.ends_on);
        return refuse(at, "endsOn", en, fr);
    }
    contract.ends_on = ends_on;
    Ok(())
}

fn add_challenge(contract: &mut ContractInput, challenge: &Challenge, at: &str) -> Result<(), Fault> {
    let number = challenge.number;
    if contract.challenges.iter().any(|known| known.number == number) {
        let (en, fr) =
            (format!("challenge {number} is already there"), format!("l’enjeu {number} existe déjà"));
        return refuse(at, "challenge/number", en, fr);
    }
    contract.challenges.push(challenge.clone());
    contract.challenges.sort_by_key(|known| known.number);
    Ok(())
}

fn revise_challenge(contract: &mut ContractInput, challenge: &Challenge, at: &str) -> Result<(), Fault> {
    match contract.challenges.iter_mut().find(|known| known.number == challenge.number) {
        Some(known) => *known = challenge.clone(),
        None => return no_challenge(at, "challenge/number", challenge.number),
    }
    Ok(())
}

/// A commitment serves a challenge: it is retired first.
fn retire_challenge(terms: &mut Terms, number: i32, at: &str) -> Result<(), Fault> {
    let Some(place) = terms.contract.challenges.iter().position(|known| known.number == number) else {
        return no_challenge(at, "number", number);
    };
    if let Some(serving) = terms.commitments.iter().find(|one| one.challenge == number) {
        let en = format!("the commitment {} still serves challenge {number}: retire it first", serving.code);
        let fr = format!("l’engagement {} sert encore l’enjeu {number} : retirez-le d’abord", serving.code);
        return refuse(at, "number", en, fr);
    }
    terms.contract.challenges.remove(place);
    Ok(())
}

fn no_challenge<T>(at: &str, member: &str, number: i32) -> Result<T, Fault> {
    refuse(at, member, format!("no challenge {number}"), format!("l’enjeu {number} n’existe pas"))
}

fn add_neighbourhood(contract: &mut ContractInput, one: &Neighbourhood, at: &str) -> Result<(), Fault> {
    if contract.neighbourhoods.iter().any(|known| known.code == one.code) {
        let en = format!("neighbourhood {} is already there", one.code);
        return refuse(at, "neighbourhood/code", en, format!("le quartier {} existe déjà", one.code));
    }
    contract.neighbourhoods.push(one.clone());
    Ok(())
}

fn remove_neighbourhood(contract: &mut ContractInput, code: &str, at: &str) -> Result<(), Fault> {
    let Some(place) = contract.neighbourhoods.iter().position(|known| known.code == code) else {
        let (en, fr) = (format!("no neighbourhood {code}"), format!("le quartier {code} n’existe pas"));
        return refuse(at, "code", en, fr);
    };
    contract.neighbourhoods.remove(place);
    Ok(())
}

fn add_commitment(terms: &mut Terms, commitment: &CommitmentTerms, at: &str) -> Result<(), Fault> {
    let code = &commitment.code;
    if terms.parties.contains_key(code) {
        let en = format!("{code} is or was the code of another commitment");
        return refuse(at, "commitment/code", en, format!("{code} est ou fut le code d’un autre engagement"));
    }
    if !terms.contract.challenges.iter().any(|known| known.number == commitment.challenge) {
        return no_challenge(at, "commitment/challenge", commitment.challenge);
    }
    if !terms.contract.signatories.contains(&commitment.co_funder_id) {
        let (en, fr) = ("is not a signatory".to_owned(), "n’est pas signataire".to_owned());
        return refuse(at, "commitment/coFunderId", en, fr);
    }
    terms.parties.insert(code.clone(), commitment.co_funder_id);
    terms.commitments.push(commitment.clone());
    Ok(())
}

fn retire_commitment(terms: &mut Terms, code: &str, at: &str) -> Result<(), Fault> {
    let Some(place) = terms.commitments.iter().position(|known| known.code == code) else {
        let (en, fr) = (format!("no commitment {code}"), format!("l’engagement {code} n’existe pas"));
        return refuse(at, "code", en, fr);
    };
    terms.commitments.remove(place);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::api::{NeighbourhoodKind, Territory};
    use super::*;
    use crate::types::InseeCode;

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
            description: String::new(),
            labels: vec![],
            documents: vec![],
            signatories: vec![SIGNING.parse().unwrap()],
        }
    }

    fn change() -> impl Strategy<Value = Change> {
        let challenge = (1..5_i32, "[a-z]{1,5}").prop_map(|(number, title)| Challenge { number, title });
        prop_oneof![
            (0..3_000_u64).prop_map(|offset| Change::ExtendPeriod { ends_on: day(offset) }),
            challenge.clone().prop_map(|challenge| Change::AddChallenge { challenge }),
            challenge.prop_map(|challenge| Change::ReviseChallenge { challenge }),
            (1..5_i32).prop_map(|number| Change::RetireChallenge { number }),
            (1..4_u8).prop_map(|one| Change::AddNeighbourhood { neighbourhood: neighbourhood(one) }),
            (1..4_u8).prop_map(|one| Change::RemoveNeighbourhood { code: format!("n{one}") }),
            (1..4_u8, 1..5_i32).prop_map(|(one, challenge)| Change::AddCommitment {
                commitment: commitment(one, challenge)
            }),
            (1..4_u8).prop_map(|one| Change::RetireCommitment { code: format!("c{one}") }),
            Just(Change::AddSignatory { co_funder_id: JOINING.parse().unwrap() }),
        ]
    }

    const SIGNING: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
    const JOINING: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

    fn neighbourhood(one: u8) -> Neighbourhood {
        Neighbourhood { code: format!("n{one}"), name: "N".to_owned(), kind: NeighbourhoodKind::Watch }
    }

    fn commitment(one: u8, challenge: i32) -> CommitmentTerms {
        let co_funder_id = SIGNING.parse().unwrap();
        CommitmentTerms { code: format!("c{one}"), co_funder_id, challenge, text: "t".to_owned() }
    }

    fn amendments() -> impl Strategy<Value = Vec<Dated>> {
        let one = (0..900_u64, 0..200_u64, prop::collection::vec(change(), 1..4)).prop_map(
            |(offset, late, changes)| Dated {
                id: AmendmentId::generate(),
                kind: AmendmentKind::Ordinary,
                title: String::new(),
                effective_on: day(offset),
                in_force_from: day(offset + late),
                changes,
            },
        );
        prop::collection::vec(one, 0..8)
    }

    #[test]
    fn shortening_the_period_cannot_apply() {
        let change = Change::ExtendPeriod { ends_on: day(10) };
        let mut terms = Terms::original(&original());
        let fault = apply(&mut terms, &change, "/changes/0").unwrap_err();
        assert_eq!((fault.pointer.as_str(), fault.code), ("/changes/0/endsOn", FaultCode::NotApplicable));
        assert_eq!(terms.contract.ends_on, day(1_000));
    }

    #[test]
    fn a_challenge_is_retired_after_its_commitments() {
        let mut terms = Terms::original(&original());
        apply(&mut terms, &Change::AddCommitment { commitment: commitment(1, 1) }, "").unwrap();
        let before = terms.clone();
        let fault = apply(&mut terms, &Change::RetireChallenge { number: 1 }, "/changes/0").unwrap_err();
        assert_eq!((fault.pointer.as_str(), fault.code), ("/changes/0/number", FaultCode::NotApplicable));
        assert_eq!(terms, before);
        apply(&mut terms, &Change::RetireCommitment { code: "c1".to_owned() }, "").unwrap();
        apply(&mut terms, &Change::RetireChallenge { number: 1 }, "").unwrap();
        assert!(terms.contract.challenges.is_empty());
    }

    #[test]
    fn the_code_of_a_retired_commitment_stays_its_own() {
        let mut terms = Terms::original(&original());
        let add = Change::AddCommitment { commitment: commitment(1, 1) };
        apply(&mut terms, &add, "").unwrap();
        apply(&mut terms, &Change::RetireCommitment { code: "c1".to_owned() }, "").unwrap();
        let fault = apply(&mut terms, &add, "/changes/0").unwrap_err();
        assert_eq!(fault.pointer, "/changes/0/commitment/code");
    }

    proptest! {
        #[test]
        fn a_change_that_cannot_apply_changes_nothing(all in amendments(), change in change()) {
            let (before, _) = fold(&original(), &in_order(all));
            let mut after = before.clone();
            if apply(&mut after, &change, "").is_err() {
                prop_assert_eq!(before, after);
            }
        }

        #[test]
        fn the_order_of_drafting_and_what_comes_later_do_not_matter(
            all in amendments(), shuffle in any::<prop::sample::Index>(), offset in 0..1_000_u64,
        ) {
            let until: Vec<Dated> = all.iter().filter(|one| one.in_force_from <= day(offset)).cloned().collect();
            let mut drafted = until.clone();
            drafted.rotate_left(shuffle.index(until.len().max(1)));
            prop_assert_eq!(fold(&original(), &in_order(until)).0, fold(&original(), &in_order(drafted)).0);
        }

        #[test]
        fn folding_one_by_one_is_folding_at_once(all in amendments()) {
            // One by one: each amendment is folded into what the former ones made, as if that had been signed.
            let mut terms = Terms::original(&original());
            for one in in_order(all.clone()) {
                let (next, _) = fold_into(terms, std::slice::from_ref(&one));
                terms = next;
            }
            prop_assert_eq!(terms, fold(&original(), &in_order(all)).0);
        }
    }
}
