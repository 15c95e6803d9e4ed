//! Which conditions are met. Every condition says "at least", so that a grant that takes effect can only help others to:
//! the smallest set of lines in effect is what is met, the largest what could be if all trusted each other. What lies
//! between is circular.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::line::{Condition, Line};
use crate::types::{CoFunderId, Money};
use crate::words;

/// Where the conditions of a line stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionState {
    Met,
    Unmet,
    Circular,
}

words!(ConditionState {
    Met = "met" | "remplies",
    Unmet = "unmet" | "non remplies",
    Circular = "circular" | "circulaires": "each waits for another: they would be met if all were",
});

/// Where the conditions of a line stand, and who waits for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"state": "met", "circle": []}))]
pub struct Resolution {
    pub state: ConditionState,
    /// The co-funders whose lines wait for each other, when circular: one of them has to go first.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub circle: Vec<CoFunderId>,
}

/// Where each line's conditions stand; `None` for those that set none.
pub fn resolve(lines: &[Line]) -> Vec<Option<Resolution>> {
    if lines.iter().all(|line| line.conditions.is_empty()) {
        return vec![None; lines.len()];
    }
    let (met, possible) = (smallest(lines), largest(lines));
    let circular: Vec<bool> = met.iter().zip(&possible).map(|(met, possible)| !met && *possible).collect();
    let reach = reach(lines, &met, &circular);
    let resolution = |place: usize| match (is_in(&met, place), is_in(&circular, place)) {
        (true, _) => Resolution { state: ConditionState::Met, circle: Vec::new() },
        (_, true) => Resolution { state: ConditionState::Circular, circle: circle_of(lines, &reach, place) },
        _ => Resolution { state: ConditionState::Unmet, circle: Vec::new() },
    };
    lines
        .iter()
        .enumerate()
        .map(|(place, line)| (!line.conditions.is_empty()).then(|| resolution(place)))
        .collect()
}

/// Which lines could be in effect together.
pub fn largest(lines: &[Line]) -> Vec<bool> {
    settled(lines, vec![true; lines.len()])
}

/// Which lines are in effect.
fn smallest(lines: &[Line]) -> Vec<bool> {
    settled(lines, lines.iter().map(Line::is_unconditional).collect())
}

/// Judges every line again until nothing moves. From a set that is too small it only grows, from one that is too large it
/// only shrinks.
fn settled(lines: &[Line], mut in_effect: Vec<bool>) -> Vec<bool> {
    loop {
        let judged: Vec<bool> =
            lines.iter().map(|line| line.is_unconditional() || are_met(line, lines, &in_effect)).collect();
        if judged == in_effect {
            return in_effect;
        }
        in_effect = judged;
    }
}

fn is_in(set: &[bool], place: usize) -> bool {
    set.get(place).copied().unwrap_or_default()
}

fn are_met(own: &Line, lines: &[Line], in_effect: &[bool]) -> bool {
    own.conditions.iter().all(|condition| is_met(condition, own, lines, in_effect))
}

fn is_met(condition: &Condition, own: &Line, lines: &[Line], in_effect: &[bool]) -> bool {
    let others = || {
        let all = lines.iter().zip(in_effect).filter(|(_, in_effect)| **in_effect).map(|(line, _)| line);
        all.filter(|line| line.co_funder_id != own.co_funder_id)
    };
    match condition {
        Condition::CoFunderGrants { co_funder_id, amount } => {
            let granted: Money =
                others().filter(|line| line.co_funder_id == *co_funder_id).map(Line::committed).sum();
            granted >= *amount
        }
        Condition::TotalReaches { amount } => {
            others().map(Line::committed).sum::<Money>() + own.meant() >= *amount
        }
    }
}

/// Which circular line waits, directly or through others, for which.
fn reach(lines: &[Line], met: &[bool], circular: &[bool]) -> Vec<Vec<bool>> {
    let waits_for = |(from, own): (usize, &Line), (to, other): (usize, &Line)| {
        let open = own.conditions.iter().filter(|one| !is_met(one, own, lines, met));
        let concerned = |condition: &Condition| match condition {
            Condition::CoFunderGrants { co_funder_id, .. } => *co_funder_id == other.co_funder_id,
            Condition::TotalReaches { .. } => other.committed() > Money::ZERO,
        };
        from != to && is_in(circular, from) && is_in(circular, to) && open.into_iter().any(concerned)
    };
    let mut reach: Vec<Vec<bool>> = lines
        .iter()
        .enumerate()
        .map(|own| lines.iter().enumerate().map(|other| waits_for(own, other)).collect())
        .collect();
    for through in 0..lines.len() {
        let beyond = reach.get(through).cloned().unwrap_or_default();
        for row in reach.iter_mut().filter(|row| is_in(row, through)) {
            row.iter_mut().zip(&beyond).for_each(|(known, more)| *known |= more);
        }
    }
    reach
}

/// Those that wait for each other: with this line, or, if nobody waits for it, those it waits for.
fn circle_of(lines: &[Line], reach: &[Vec<bool>], place: usize) -> Vec<CoFunderId> {
    let reaches = |from: usize, to: usize| reach.get(from).is_some_and(|row| is_in(row, to));
    let in_it = reaches(place, place);
    let belongs =
        |other: usize| reaches(place, other) && reaches(other, other) && (!in_it || reaches(other, place));
    let mut circle: Vec<CoFunderId> = lines
        .iter()
        .enumerate()
        .filter(|(other, _)| belongs(*other))
        .map(|(_, line)| line.co_funder_id)
        .collect();
    circle.sort();
    circle
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::{Credits, Firmness};

    fn line(co_funder_id: CoFunderId, euros: i64, conditions: Vec<Condition>) -> Line {
        Line {
            co_funder_id,
            firmness: Firmness::Agreed,
            proposed: None,
            granted: Some(Money::from_cents(euros * 100)),
            credits: Credits::Specific,
            paid: Money::ZERO,
            conditions,
        }
    }

    fn grants(co_funder_id: CoFunderId, euros: i64) -> Condition {
        Condition::CoFunderGrants { co_funder_id, amount: Money::from_cents(euros * 100) }
    }

    fn total(euros: i64) -> Condition {
        Condition::TotalReaches { amount: Money::from_cents(euros * 100) }
    }

    fn states(lines: &[Line]) -> Vec<Option<ConditionState>> {
        resolve(lines).into_iter().map(|one| one.map(|one| one.state)).collect()
    }

    fn three() -> [CoFunderId; 3] {
        [CoFunderId::generate(), CoFunderId::generate(), CoFunderId::generate()]
    }

    #[test]
    fn a_chain_resolves_from_its_end() {
        let [a, b, c] = three();
        let chain = |euros| {
            [line(a, 1, vec![grants(b, 2)]), line(b, 2, vec![grants(c, 3)]), line(c, euros, Vec::new())]
        };
        assert_eq!(states(&chain(3)), [Some(ConditionState::Met), Some(ConditionState::Met), None]);
        assert_eq!(states(&chain(2)), [Some(ConditionState::Unmet), Some(ConditionState::Unmet), None]);
    }

    #[test]
    fn a_circle_is_said_and_who_hangs_on_it_too() {
        let [a, b, c] = three();
        let lines =
            [line(a, 5, vec![grants(b, 5)]), line(b, 5, vec![grants(a, 5)]), line(c, 1, vec![grants(a, 1)])];
        for resolution in resolve(&lines) {
            let resolution = resolution.unwrap();
            assert_eq!((resolution.state, resolution.circle), (ConditionState::Circular, vec![a, b]));
        }
    }

    #[test]
    fn a_total_counts_the_line_that_sets_it() {
        let [a, b, _] = three();
        assert_eq!(
            states(&[line(a, 6, vec![total(10)]), line(b, 4, Vec::new())]),
            [Some(ConditionState::Met), None]
        );
        let both = [line(a, 6, vec![total(10)]), line(b, 4, vec![total(10)])];
        assert_eq!(states(&both), [Some(ConditionState::Circular); 2]);
        let short = [line(a, 6, vec![total(11)]), line(b, 4, vec![total(11)])];
        assert_eq!(states(&short), [Some(ConditionState::Unmet); 2]);
    }

    #[test]
    fn what_was_paid_on_is_met_for_good() {
        let [a, b, _] = three();
        let mut paid = line(a, 5, vec![grants(b, 5)]);
        paid.paid = Money::from_cents(1);
        assert_eq!(states(&[paid]), [Some(ConditionState::Met)]);
    }

    /// The same by brute force: the union of all sets of lines that hold each other up, and their intersection.
    fn by_hand(lines: &[Line]) -> Vec<Option<ConditionState>> {
        let holds = |set: &Vec<bool>| {
            let wanted = |line: &Line| line.is_unconditional() || are_met(line, lines, set);
            lines.iter().zip(set).all(|(line, member)| wanted(line) == *member)
        };
        let sets: Vec<Vec<bool>> = (0..1_u32 << lines.len())
            .map(|bits| (0..lines.len()).map(|place| bits >> place & 1 == 1).collect())
            .filter(holds)
            .collect();
        let state = |(place, line): (usize, &Line)| {
            let in_all = sets.iter().all(|set| set[place]);
            let in_some = sets.iter().any(|set| set[place]);
            (!line.conditions.is_empty()).then_some(match (in_all, in_some) {
                (true, _) => ConditionState::Met,
                (_, true) => ConditionState::Circular,
                _ => ConditionState::Unmet,
            })
        };
        lines.iter().enumerate().map(state).collect()
    }

    proptest! {
        #[test]
        fn states_are_those_of_every_consistent_world(
            amounts in prop::collection::vec(1_i64..6, 2..6),
            wishes in prop::collection::vec((0_usize..8, 1_i64..12, any::<bool>()), 0..9),
        ) {
            let ids: Vec<CoFunderId> = amounts.iter().map(|_| CoFunderId::generate()).collect();
            let mut lines: Vec<Line> =
                ids.iter().zip(&amounts).map(|(id, euros)| line(*id, *euros, Vec::new())).collect();
            for (place, (on, euros, is_total)) in wishes.into_iter().enumerate() {
                let own = place % lines.len();
                let on = ids[on % ids.len()];
                if is_total {
                    lines[own].conditions.push(total(euros));
                } else if on != lines[own].co_funder_id {
                    lines[own].conditions.push(grants(on, euros));
                }
            }
            prop_assert_eq!(states(&lines), by_hand(&lines));
            for resolution in resolve(&lines).into_iter().flatten() {
                prop_assert_eq!(resolution.state == ConditionState::Circular, resolution.circle.len() >= 2);
            }
        }
    }
}
