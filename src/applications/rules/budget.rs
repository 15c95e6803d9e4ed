//! Rule S2: the budget balances, year by year; what is asked is what it shows.

use super::super::content::{ApplicationInput, Budget, Product};
use crate::calls::CallInput;
use crate::error::{Fault, FaultCode};
use crate::types::{CoFunderId, Money};

fn is_in_kind(account: &str) -> bool {
    account.starts_with('8')
}

fn is_public(product: &Product) -> bool {
    product.account.starts_with("74")
}

/// What the action costs in money in the call's year: the charges of accounts 60 to 69.
pub fn budgeted_charges(budget: &Budget) -> Money {
    let charges = budget.charges.iter().filter(|charge| !is_in_kind(&charge.account));
    charges.map(|charge| charge.amount).sum()
}

/// Public money that is not asked of the call's co-funders: lines of account 74 without one.
pub fn other_public_money(budget: &Budget) -> Money {
    let lines = budget.products.iter().filter(|product| is_public(product) && product.co_funder_id.is_none());
    lines.map(|product| product.amount).sum()
}

/// The budgets of all years, each with its pointer.
pub(super) fn budgets(input: &ApplicationInput) -> impl Iterator<Item = (String, &Budget)> {
    let further = input.further_years.iter().enumerate();
    let further = further.map(|(place, one)| (format!("/furtherYears/{place}/budget"), &one.budget));
    std::iter::once(("/budget".to_owned(), &input.budget)).chain(further)
}

/// Charges equal products, 86 equals 87.
pub(super) fn unbalanced(input: &ApplicationInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (pointer, budget) in budgets(input) {
        let charges = |in_kind: bool| -> Money {
            let lines = budget.charges.iter().filter(|line| is_in_kind(&line.account) == in_kind);
            lines.map(|line| line.amount).sum()
        };
        let products = |in_kind: bool| -> Money {
            let lines = budget.products.iter().filter(|line| is_in_kind(&line.account) == in_kind);
            lines.map(|line| line.amount).sum()
        };
        faults.extend(balance(&pointer, ("60–69", charges(false)), ("70–79", products(false))));
        faults.extend(balance(&pointer, ("86", charges(true)), ("87", products(true))));
    }
    faults
}

fn balance(pointer: &str, left: (&str, Money), right: (&str, Money)) -> Option<Fault> {
    let en = format!("{} are {}, {} are {}", left.0, left.1, right.0, right.1);
    let fr = format!("{} : {}, {} : {}", left.0, left.1, right.0, right.1);
    (left.1 != right.1).then(|| Fault::new(pointer, FaultCode::Unbalanced, en, fr))
}

/// A line of account 74 names its public funder, a co-funder or another one; no other line does.
pub(super) fn nameless_funders(input: &ApplicationInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (pointer, budget) in budgets(input) {
        for (place, product) in budget.products.iter().enumerate() {
            let at = format!("{pointer}/products/{place}/funder");
            match (is_public(product), product.co_funder_id.is_some(), product.funder.is_some()) {
                (true, false, false) => {
                    let (en, fr) = (
                        "is required on account 74 unless coFunderId names a co-funder",
                        "est obligatoire au compte 74, sauf si coFunderId nomme un cofinanceur",
                    );
                    faults.push(Fault::new(at, FaultCode::Required, en, fr));
                }
                (false, _, true) | (true, true, true) => {
                    let (en, fr) = (
                        "is for account 74, where coFunderId names nobody",
                        "ne vaut qu’au compte 74, là où coFunderId ne nomme personne",
                    );
                    faults.push(Fault::new(at, FaultCode::NotApplicable, en, fr));
                }
                _ => {}
            }
        }
    }
    faults
}

/// What a co-funder is asked for is what account 74 shows for it in the call's year. In the years after it, whose money is
/// not asked for yet, a line may name any co-funder of the call.
pub(super) fn mismatched_requests(input: &ApplicationInput, call: &CallInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    let budgeted = |co_funder: CoFunderId| -> Money {
        let lines = input.budget.products.iter();
        lines
            .filter(|line| is_public(line) && line.co_funder_id == Some(co_funder))
            .map(|line| line.amount)
            .sum()
    };
    for (place, request) in input.requests.iter().enumerate() {
        let shown = budgeted(request.co_funder_id);
        if shown != request.amount {
            let asked = request.amount;
            faults.push(Fault::new(
                format!("/requests/{place}/amount"),
                FaultCode::RequestMismatch,
                format!("is {asked}, but the lines of account 74 for this co-funder add up to {shown}"),
                format!("vaut {asked}, mais les lignes 74 de ce cofinanceur totalisent {shown}"),
            ));
        }
    }
    for (pointer, budget) in budgets(input) {
        for (place, product) in budget.products.iter().enumerate() {
            let is_asked = |id| match pointer.as_str() {
                "/budget" => input.requests.iter().any(|one| one.co_funder_id == id),
                _ => call.launched_by.contains(&id),
            };
            let asked = product.co_funder_id.map(is_asked);
            if asked == Some(false) || (asked == Some(true) && !is_public(product)) {
                faults.push(Fault::new(
                    format!("{pointer}/products/{place}/coFunderId"),
                    FaultCode::RequestMismatch,
                    "names a co-funder that is not asked for this line, or not on account 74",
                    "nomme un cofinanceur qui n’est pas sollicité pour cette ligne, ou hors du compte 74",
                ));
            }
        }
    }
    faults
}
