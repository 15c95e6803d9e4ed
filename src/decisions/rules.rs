//! The rules of a push, as pure functions: what is there and what is pushed in, nothing or a refusal out.

use super::api::{Decision, DecisionInput};
use crate::applications::Condition;
use crate::error::{Code, Error, Fault, FaultCode, Result};
use crate::http::Actor;
use crate::opinions::View;
use crate::types::{CoFunderId, Firmness, Money};

/// The money a rule measures a push against. `others` is what stands beside the pushed line.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// What is in the part of the co-funder's envelope this comes out of, and what its other lines commit of it.
    pub envelope: Money,
    pub committed_elsewhere: Money,
    /// What the action costs, and what the other co-funders grant to it.
    pub charges: Money,
    pub granted_by_others: Money,
    /// Public money that does not come from the call's co-funders.
    pub other_public_money: Money,
    pub maximum_public_share_percent: u32,
}

fn refuse(code: Code, remaining: Money, en: &str, fr: &str) -> Result<()> {
    Err(Error::new(code)
        .detail(format!("{en}: {remaining} EUR remain"), format!("{fr} : il reste {remaining} EUR"))
        .with("remaining", serde_json::to_value(remaining).map_err(Error::internal)?))
}

/// Rules D3 and D4: what is granted fits the envelope, the action's cost and the ceiling on public money.
pub fn check_limits(granted: Money, limits: &Limits) -> Result<()> {
    if granted == Money::ZERO {
        return Ok(());
    }
    if limits.committed_elsewhere + granted > limits.envelope {
        let remaining = limits.envelope.minus(limits.committed_elsewhere);
        return refuse(
            Code::EnvelopeExceeded,
            remaining,
            "the envelope does not suffice",
            "l’enveloppe ne suffit pas",
        );
    }
    if limits.granted_by_others + granted > limits.charges {
        let remaining = limits.charges.minus(limits.granted_by_others);
        return refuse(
            Code::BudgetExceeded,
            remaining,
            "more than the action costs",
            "plus que le coût de l’action",
        );
    }
    let public = limits.granted_by_others + limits.other_public_money;
    if (public + granted).exceeds_share(limits.maximum_public_share_percent, limits.charges) {
        let remaining = limits.charges.share(limits.maximum_public_share_percent).minus(public);
        let (en, fr) = ("the public share would be too large", "la part publique serait trop grande");
        return refuse(Code::PublicShareExceeded, remaining, en, fr);
    }
    Ok(())
}

/// Rule D8: what was paid stays granted, and `paid` says that all of it was.
pub fn check_payments(paid: Money, input: &DecisionInput) -> Result<()> {
    let granted = input.granted.unwrap_or_default();
    let refused = |en: String, fr: String| Err(Error::new(Code::InvalidTransition).detail(en, fr));
    if paid > Money::ZERO && !input.firmness.is_public() {
        return refused(
            format!("{paid} EUR have been paid: what has been paid cannot be taken back here"),
            format!("{paid} EUR ont été payés : ce qui a été payé ne peut être repris ici"),
        );
    }
    if granted < paid {
        return refused(
            format!("{paid} EUR have been paid, more than {granted}"),
            format!("{paid} EUR ont été payés, plus que {granted}"),
        );
    }
    if input.firmness == Firmness::Paid && granted != paid {
        return refused(
            format!("paid says that the payments add up to the grant: {paid} of {granted} EUR are recorded"),
            format!(
                "« paid » dit que les paiements font le montant accordé : {paid} EUR sur {granted} sont enregistrés"
            ),
        );
    }
    Ok(())
}

/// Rule D6: the ladder is gone down, and a voted amount lowered or tied to a condition, only with a reason.
pub fn missing_reason(current: &Decision, input: &DecisionInput) -> Option<Fault> {
    let lowered = input.granted.unwrap_or_default() < current.granted.unwrap_or_default();
    let down = input.firmness.rung() < current.firmness.rung();
    let tied = input.conditions.iter().any(|one| !current.conditions.contains(one));
    let lowers_vote = current.firmness.is_public() && (lowered || tied);
    let missing = (down || lowers_vote) && input.reason.is_none();
    missing.then(|| {
        Fault::new(
            "/reason",
            FaultCode::ReasonRequired,
            "is required to go down the ladder, to lower a voted amount or to tie it to a condition",
            "est obligatoire pour redescendre l’échelle, baisser un montant voté ou le lier à une condition",
        )
    })
}

/// Conditions name another co-funder of the call.
pub fn unknown_conditions(own: CoFunderId, launched_by: &[CoFunderId], input: &DecisionInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, condition) in input.conditions.iter().enumerate() {
        let Condition::CoFunderGrants { co_funder_id, .. } = condition else { continue };
        let at = format!("/conditions/{place}/coFunderId");
        if *co_funder_id == own {
            let (en, fr) = ("is the line’s own co-funder", "est le cofinanceur de la ligne même");
            faults.push(Fault::new(at, FaultCode::NotAllowedValue, en, fr));
        } else if !launched_by.contains(co_funder_id) {
            faults.push(Fault::unknown(
                at,
                ("co-funder of the call", "cofinanceur de l’appel"),
                co_funder_id,
            ));
        }
    }
    faults
}

/// Rule O2: a vote that departs from what the council thinks is answered for, when it is made or its amount changes: what
/// the council says of it afterwards does not stop its notification.
pub fn missing_reply(
    council: Option<View>,
    former: Option<&Decision>,
    input: &DecisionInput,
) -> Option<Fault> {
    let view = council.filter(|view| view.is_departed_from(input.firmness))?;
    let stands = |line: &Decision| {
        let same = view.is_departed_from(line.firmness) && line.granted == input.granted;
        same && line.reply_to_council.is_none()
    };
    if former.is_some_and(stands) {
        return None;
    }
    input.reply_to_council.is_none().then(|| {
        Fault::new(
            "/replyToCouncil",
            FaultCode::Required,
            format!("is required: the council’s opinion is {view}"),
            format!("est obligatoire : l’avis du conseil citoyen est {}", view.french()),
        )
    })
}

/// The act is of today at the latest.
pub fn future_act(actor: &Actor, input: &DecisionInput) -> Option<Fault> {
    input.act_date.and_then(|day| Fault::future_day("/actDate", day, actor.now))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cents(cents: i64) -> Money {
        Money::from_cents(cents)
    }

    fn limits(values: [i64; 5]) -> Limits {
        let [envelope, committed, charges, others, other_public] = values.map(Money::from_cents);
        Limits {
            envelope,
            committed_elsewhere: committed,
            charges,
            granted_by_others: others,
            other_public_money: other_public,
            maximum_public_share_percent: 80,
        }
    }

    #[test]
    fn a_refusal_gives_the_remaining_amount() {
        let error = check_limits(cents(500), &limits([1_000, 600, 9_999, 0, 0])).unwrap_err();
        assert_eq!(error.code(), Code::EnvelopeExceeded);
        assert_eq!(error.extensions()["remaining"]["amount"], "4.00");
        assert!(check_limits(Money::ZERO, &limits([0, 0, 0, 0, 0])).is_ok());
    }

    proptest! {
        #[test]
        fn the_remaining_amount_fits_and_a_cent_more_does_not(
            values in [0_i64..100_000, 0_i64..100_000, 1_i64..100_000, 0_i64..100_000, 0_i64..100_000],
            pushed in 1_i64..200_000,
        ) {
            let limits = limits(values);
            if let Err(error) = check_limits(cents(pushed), &limits) {
                let remaining = error.extensions()["remaining"]["amount"].as_str().and_then(Money::parse).unwrap();
                prop_assert!(remaining.cents() < pushed);
                // Another rule may be narrower still, but never this one again.
                if let Err(again) = check_limits(remaining, &limits) {
                    prop_assert_ne!(again.code(), error.code());
                }
            } else {
                let public = limits.granted_by_others + limits.other_public_money + cents(pushed);
                prop_assert!(limits.committed_elsewhere + cents(pushed) <= limits.envelope);
                prop_assert!(!public.exceeds_share(80, limits.charges));
            }
        }
    }
}
