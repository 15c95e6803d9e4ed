//! The rules of envelopes: out of which part a grant comes, and that no part goes below what is committed.

use super::super::api::Strand;
use super::api::{EnvelopePart, PartUse};
use crate::error::{Code, Error, Fault, Result};
use crate::types::{Credits, Money};

/// What is granted out of some credits for some strand, at firmness `agreed` or firmer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grants {
    pub credits: Credits,
    pub strand: String,
    pub amount: Money,
}

/// The part that pays for a strand out of some credits: the strand's own, else the one for all the others.
pub fn part_for<'a>(parts: &'a [EnvelopePart], credits: Credits, strand: &str) -> Option<&'a EnvelopePart> {
    let mut of_credits = parts.iter().filter(|part| part.credits == credits);
    let own = of_credits.clone().find(|part| part.strand.as_deref() == Some(strand));
    own.or_else(|| of_credits.find(|part| part.strand.is_none()))
}

/// What is committed out of one part.
pub fn committed(parts: &[EnvelopePart], part: &EnvelopePart, all: &[Grants]) -> Money {
    let own = all.iter().filter(|one| part_for(parts, one.credits, &one.strand) == Some(part));
    own.map(|one| one.amount).sum()
}

/// Every part with what is left of it.
pub fn usage(parts: &[EnvelopePart], all: &[Grants]) -> Vec<PartUse> {
    let part_use = |part: &EnvelopePart| {
        let committed = committed(parts, part, all);
        PartUse {
            credits: part.credits,
            strand: part.strand.clone(),
            amount: part.amount,
            committed,
            remaining: part.amount.minus(committed),
        }
    };
    parts.iter().map(part_use).collect()
}

/// Refuses parts that no longer cover what is committed; the refusal gives the figure.
pub fn check_covers(parts: &[EnvelopePart], all: &[Grants]) -> Result<()> {
    let homeless = all
        .iter()
        .find(|one| one.amount > Money::ZERO && part_for(parts, one.credits, &one.strand).is_none());
    if let Some(one) = homeless {
        return below(one.amount, one.credits, Some(&one.strand));
    }
    match usage(parts, all).into_iter().find(|part| part.committed > part.amount) {
        Some(part) => below(part.committed, part.credits, part.strand.as_deref()),
        None => Ok(()),
    }
}

fn below(committed: Money, credits: Credits, strand: Option<&str>) -> Result<()> {
    let (of, de) = (credits, credits.french());
    let (en, fr) = strand.map_or_else(Default::default, |code| {
        (format!(" for the strand {code}"), format!(" pour le volet {code}"))
    });
    Err(Error::new(Code::EnvelopeExceeded)
        .detail(
            format!("{committed} EUR of {of} credits{en} are already committed"),
            format!("{committed} EUR ({de}){fr} sont déjà engagés"),
        )
        .with("committed", serde_json::to_value(committed).map_err(Error::internal)?))
}

/// The faults of parts that name a strand the call does not have.
pub fn unknown_strands(parts: &[EnvelopePart], strands: &[Strand]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        if let Some(code) = part.strand.as_ref().filter(|code| !strands.iter().any(|one| one.code == **code))
        {
            faults.push(Fault::unknown(
                format!("/parts/{place}/strand"),
                ("strand of the call", "volet de l’appel"),
                code,
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(credits: Credits, strand: Option<&str>, cents: i64) -> EnvelopePart {
        EnvelopePart { credits, strand: strand.map(str::to_owned), amount: Money::from_cents(cents) }
    }

    fn grants() -> impl Strategy<Value = Vec<Grants>> {
        let one = (0..2_usize, 0..3_usize, 0..1_000_i64).prop_map(|(credits, strand, cents)| Grants {
            credits: [Credits::Specific, Credits::Mainstream][credits],
            strand: ["life", "work", "school"][strand].to_owned(),
            amount: Money::from_cents(cents),
        });
        prop::collection::vec(one, 0..20)
    }

    #[test]
    fn a_strand_is_paid_out_of_its_own_part_first() {
        let parts = [part(Credits::Specific, None, 1), part(Credits::Specific, Some("life"), 2)];
        assert_eq!(part_for(&parts, Credits::Specific, "life"), Some(&parts[1]));
        assert_eq!(part_for(&parts, Credits::Specific, "work"), Some(&parts[0]));
        assert_eq!(part_for(&parts, Credits::Mainstream, "life"), None);
    }

    proptest! {
        #[test]
        fn the_parts_use_all_that_is_committed(all in grants(), cents in 0..3_000_i64) {
            let parts = [
                part(Credits::Specific, None, cents),
                part(Credits::Specific, Some("life"), cents),
                part(Credits::Mainstream, None, cents),
            ];
            let used: Money = usage(&parts, &all).iter().map(|part| part.committed).sum();
            let committed: Money = all.iter().map(|one| one.amount).sum();
            prop_assert_eq!(used, committed);
            let covered = usage(&parts, &all).iter().all(|part| part.committed <= part.amount);
            prop_assert_eq!(check_covers(&parts, &all).is_ok(), covered);
        }
    }
}
