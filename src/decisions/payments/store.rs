//! Payments in the database. Their sum stands on the line, and moves with it.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::super::api::Decision;
use super::super::ledger::Ledger;
use super::api::{Payment, PaymentInput, PaymentKind};
use super::rules::{self, Known};
use crate::applications::sees_all_lines;
use crate::auth::Principal;
use crate::db::DbConnection;
use crate::db::schema::{payments, payments::dsl};
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::http::Actor;
use crate::types::{ApplicationId, ClientId, CoFunderId, Instant, Money, PaymentId, reference_key};

#[derive(Queryable, Selectable)]
#[diesel(table_name = payments)]
struct Row {
    id: PaymentId,
    kind: PaymentKind,
    amount: Money,
    paid_on: NaiveDate,
    reference: String,
    recorded_by: ClientId,
    recorded_at: Instant,
}

/// The payments of a line, in the order they were recorded.
fn of_line(connection: &mut DbConnection, line: &Decision) -> Result<Vec<Payment>> {
    let rows: Vec<Row> = dsl::payments
        .filter(dsl::application_id.eq(line.application_id).and(dsl::co_funder_id.eq(line.co_funder_id)))
        .order(dsl::id)
        .select(Row::as_select())
        .load(connection)?;
    let payment = |row: Row| Payment {
        id: row.id,
        application_id: line.application_id,
        co_funder_id: line.co_funder_id,
        kind: row.kind,
        amount: row.amount,
        paid_on: row.paid_on,
        reference: row.reference,
        recorded_by: Some(row.recorded_by),
        recorded_at: row.recorded_at,
    };
    Ok(rows.into_iter().map(payment).collect())
}

/// The payments of a line that a client may see.
pub fn list(connection: &mut DbConnection, principal: &Principal, line: &Decision) -> Result<Vec<Payment>> {
    let mut payments = of_line(connection, line)?;
    if !sees_all_lines(principal) {
        payments.iter_mut().for_each(|payment| payment.recorded_by = None);
    }
    Ok(payments)
}

/// Records a payment on the co-funder's own line (rules D1, D8). One that is recorded already is answered as it is, and
/// `false` says that nothing changed.
pub fn record(
    tx: &mut DbConnection,
    actor: &Actor,
    (application, co_funder): (ApplicationId, CoFunderId),
    input: &PaymentInput,
) -> Result<(Payment, bool)> {
    let mut ledger = Ledger::hold(tx, &actor.principal, &[application], &[co_funder])?;
    let line = ledger.own_line(actor, application, co_funder)?.clone();
    let before = of_line(tx, &line)?;
    if let Known::Same(payment) = rules::find_known(&before, input)? {
        return Ok((payment.clone(), false));
    }
    ledger.check_not_archived(application)?;
    let paid = rules::paid_with(actor, &line, &before, input)?;
    let payment = Payment {
        id: PaymentId::generate(),
        application_id: application,
        co_funder_id: co_funder,
        kind: input.kind,
        amount: input.amount,
        paid_on: input.paid_on,
        reference: input.reference.clone(),
        recorded_by: Some(actor.principal.client),
        recorded_at: actor.now,
    };
    insert(tx, actor, &line, &payment)?;
    ledger.pay(actor, application, co_funder, paid)?;
    ledger.save(tx, actor)?;
    events::record(tx, actor, Event::PaymentRecorded, application, &payment)?;
    Ok((payment, true))
}

fn insert(tx: &mut DbConnection, actor: &Actor, line: &Decision, payment: &Payment) -> Result<()> {
    diesel::insert_into(dsl::payments)
        .values((
            dsl::id.eq(payment.id),
            dsl::application_id.eq(line.application_id),
            dsl::co_funder_id.eq(line.co_funder_id),
            dsl::kind.eq(payment.kind),
            dsl::amount.eq(payment.amount),
            dsl::paid_on.eq(payment.paid_on),
            dsl::reference.eq(&payment.reference),
            dsl::reference_key.eq(reference_key(&payment.reference)),
            dsl::recorded_by.eq(actor.principal.client),
            dsl::recorded_at.eq(payment.recorded_at),
        ))
        .execute(tx)
        .map_err(Error::from)?;
    Ok(())
}
