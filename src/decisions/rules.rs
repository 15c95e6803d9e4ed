//! The rules of a push, as pure functions: what is there and what is pushed in, nothing or a refusal out.

use super::api::{Decision, DecisionInput};
use crate::error::{Code, Error, Fault, FaultCode, Result};
use crate::types::{Firmness, Money};

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
pub fn check_limits(input: &DecisionInput, limits: &Limits) -> Result<()> {
    let granted = input.granted.filter(|_| input.firmness.is_committing()).unwrap_or_default();
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

/// Rule D6: the ladder is gone down, and a voted amount lowered, only with a reason; what is paid stays.
pub fn check_step(current: &Decision, input: &DecisionInput) -> Result<()> {
    let lowered = input.granted.unwrap_or_default() < current.granted.unwrap_or_default();
    if current.firmness == Firmness::Paid && (input.firmness != Firmness::Paid || lowered) {
        return Err(Error::new(Code::InvalidTransition).detail(
            "what has been paid cannot be taken back here",
            "ce qui a été payé ne peut être repris ici",
        ));
    }
    let down = input.firmness.rung() < current.firmness.rung();
    let lowers_vote = current.firmness.is_public() && lowered;
    if (down || lowers_vote) && input.reason.is_none() {
        let fault = Fault::new(
            "/reason",
            FaultCode::ReasonRequired,
            "is required to go down the ladder or to lower a voted amount",
            "est obligatoire pour redescendre l’échelle ou baisser un montant voté",
        );
        return Err(Error::invalid(vec![fault]));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::Credits;

    fn pushed(firmness: Firmness, cents: i64) -> DecisionInput {
        DecisionInput {
            firmness,
            proposed: None,
            granted: Some(Money::from_cents(cents)),
            credits: Credits::Specific,
            act_reference: None,
            act_date: None,
            partner_reference: None,
            reason: None,
        }
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
        let error =
            check_limits(&pushed(Firmness::Agreed, 500), &limits([1_000, 600, 9_999, 0, 0])).unwrap_err();
        assert_eq!(error.code(), Code::EnvelopeExceeded);
        assert_eq!(error.extensions()["remaining"]["amount"], "4.00");
        assert!(check_limits(&pushed(Firmness::Intended, 500), &limits([0, 0, 0, 0, 0])).is_ok());
    }

    proptest! {
        #[test]
        fn the_remaining_amount_fits_and_a_cent_more_does_not(
            values in [0_i64..100_000, 0_i64..100_000, 1_i64..100_000, 0_i64..100_000, 0_i64..100_000],
            cents in 1_i64..200_000,
        ) {
            let limits = limits(values);
            if let Err(error) = check_limits(&pushed(Firmness::Voted, cents), &limits) {
                let remaining = error.extensions()["remaining"]["amount"].as_str().and_then(Money::parse).unwrap();
                prop_assert!(remaining.cents() < cents);
                // Another rule may be narrower still, but never this one again.
                if let Err(again) = check_limits(&pushed(Firmness::Voted, remaining.cents()), &limits) {
                    prop_assert_ne!(again.code(), error.code());
                }
            } else {
                let public = limits.granted_by_others + limits.other_public_money + Money::from_cents(cents);
                prop_assert!(limits.committed_elsewhere + Money::from_cents(cents) <= limits.envelope);
                prop_assert!(!public.exceeds_share(80, limits.charges));
            }
        }
    }
}
