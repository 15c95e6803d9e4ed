//! Rule D8: payments add up to at most what is granted, on lines that are voted and in effect.

use super::super::api::Decision;
use super::api::{Payment, PaymentInput, PaymentKind};
use crate::applications::ConditionState;
use crate::error::{Code, Error, Fault, FaultCode, Result, all_right};
use crate::http::Actor;
use crate::types::{Money, reference_key};

/// What the reference of a payment says of those that were recorded before.
pub enum Known<'a> {
    /// No payment of the line has it.
    New,
    /// The payment was recorded already, and is sent again.
    Same(&'a Payment),
}

/// Looks for the reference among the payments of the line, without regard to case and blanks. One that names another
/// payment is refused: money must not be counted twice.
pub fn find_known<'a>(before: &'a [Payment], input: &PaymentInput) -> Result<Known<'a>> {
    let key = reference_key(&input.reference);
    let Some(known) = before.iter().find(|one| reference_key(&one.reference) == key) else {
        return Ok(Known::New);
    };
    if (known.kind, known.amount, known.paid_on) == (input.kind, input.amount, input.paid_on) {
        return Ok(Known::Same(known));
    }
    let reference = &known.reference;
    Err(Error::new(Code::Conflict).detail(
        format!("Another payment of this line has the reference {reference}."),
        format!("Un autre paiement de cette ligne porte la référence {reference}."),
    ))
}

/// What is paid in all once this payment is. Refuses what does not fit the line and what was paid on it before.
pub fn paid_with(actor: &Actor, line: &Decision, before: &[Payment], input: &PaymentInput) -> Result<Money> {
    if !line.firmness.is_public() || !line.standing {
        return refused("only a voted line is paid", "seule une ligne votée est payée");
    }
    if line.resolution.as_ref().is_some_and(|one| one.state != ConditionState::Met) {
        return Err(Error::new(Code::ConditionsUnmet));
    }
    all_right(misdated(actor, line, input))?;
    if input.kind == PaymentKind::Recovery {
        return match input.amount > line.paid {
            true => exceeded(line.paid, "can be given back", "peuvent être reversés"),
            false => Ok(line.paid.minus(input.amount)),
        };
    }
    if before.iter().any(|one| one.kind == PaymentKind::Balance) {
        return refused("the balance has been paid", "le solde a été payé");
    }
    let (granted, paid) = (line.granted.unwrap_or_default(), line.paid + input.amount);
    if paid > granted {
        return exceeded(granted.minus(line.paid), "remain to be paid", "restent à payer");
    }
    Ok(paid)
}

fn refused(en: &str, fr: &str) -> Result<Money> {
    Err(Error::new(Code::InvalidTransition).detail(en, fr))
}

fn exceeded(remaining: Money, en: &str, fr: &str) -> Result<Money> {
    Err(Error::new(Code::PaymentExceeded)
        .detail(format!("{remaining} EUR {en}"), format!("{remaining} EUR {fr}"))
        .with("remaining", serde_json::to_value(remaining).map_err(Error::internal)?))
}

/// Money moves after the act that grants it, and not tomorrow.
fn misdated(actor: &Actor, line: &Decision, input: &PaymentInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(Fault::future_day("/paidOn", input.paid_on, actor.now));
    if let Some(act) = line.act_date.filter(|act| input.paid_on < *act) {
        let (en, fr) = (format!("is before the act, of {act}"), format!("précède l’acte, du {act}"));
        faults.push(Fault::new("/paidOn", FaultCode::PeriodOrder, en, fr));
    }
    faults
}
