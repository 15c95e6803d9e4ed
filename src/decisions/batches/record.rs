//! Lines are judged one after the other, as if each were pushed by itself; then all that were taken up are written at once.

use std::collections::HashSet;

use super::super::ledger::{Capacity, Ledger, Push, Step};
use super::api::{BatchQuery, DecisionBatch, DecisionLine, LineResult, Outcome};
use super::naming::Names;
use super::store;
use crate::auth::Principal;
use crate::db::DbConnection;
use crate::error::{Code, Error, Fault, FaultCode, Result};
use crate::http::{Actor, Conditions, IfMatch, Reply, Teller};
use crate::types::{ApplicationId, CoFunderId, DecisionBatchId};

/// Takes a batch of the client's own co-funder, and keeps what is answered to it, word for word. Refused as a whole when it
/// is atomic and some line is; a dry run is never refused, and writes nothing.
pub fn record(
    tx: &mut DbConnection,
    actor: &Actor,
    query: BatchQuery,
    lines: &[Result<DecisionLine>],
    teller: &Teller,
) -> Result<Reply> {
    let co_funder = actor.principal.co_funder().ok_or_else(|| Error::new(Code::NotYourLine))?;
    let pushes = pushes(tx, &actor.principal, co_funder, lines)?;
    let known = pushes.iter().filter_map(|push| push.as_ref().ok());
    let ids: Vec<ApplicationId> = known.map(|push| push.application).collect();
    let answer = |id, results| answer(actor, co_funder, query.atomic, id, results);
    if query.validate_only {
        let mut ledger = Ledger::read(tx, &actor.principal, &ids, &[co_funder])?;
        let steps = judge(&mut ledger, actor, &pushes);
        ledger.settle(actor)?;
        return Reply::ok(&answer(None, results(&ledger, &pushes, &steps, teller)?));
    }
    let mut ledger = Ledger::hold(tx, &actor.principal, &ids, &[co_funder])?;
    let steps = judge(&mut ledger, actor, &pushes);
    if query.atomic {
        all_or_none(&pushes, &steps, teller)?;
    }
    let id = DecisionBatchId::generate();
    let reply = ledger.save_while(tx, actor, |ledger| {
        let results = results(ledger, &pushes, &steps, teller)?;
        Reply::created(format!("/v1/decision-batches/{id}"), &answer(Some(id), results))
    })?;
    store::insert(tx, actor, id, co_funder, reply.body())?;
    Ok(reply)
}

/// What is answered to a batch.
fn answer(
    actor: &Actor,
    co_funder: CoFunderId,
    atomic: bool,
    id: Option<DecisionBatchId>,
    results: Vec<LineResult>,
) -> DecisionBatch {
    let count = |outcome: Outcome| results.iter().filter(|one| one.outcome == outcome).count();
    DecisionBatch {
        id,
        co_funder_id: co_funder,
        atomic,
        received: results.len(),
        recorded: count(Outcome::Recorded),
        superseded: count(Outcome::Superseded),
        unchanged: count(Outcome::Unchanged),
        refused: count(Outcome::Refused),
        results,
        recorded_by: actor.principal.client,
        recorded_at: actor.now,
    }
}

/// The pushes that lines stand for. A line that names nobody, or is malformed, is refused by itself.
fn pushes<'a>(
    tx: &mut DbConnection,
    principal: &Principal,
    co_funder: CoFunderId,
    lines: &'a [Result<DecisionLine>],
) -> Result<Vec<Named<'a>>> {
    let names = Names::look_up(tx, principal, lines.iter().filter_map(|line| line.as_ref().ok()))?;
    let push = |line: &'a Result<DecisionLine>| {
        let line = line.as_ref().map_err(Refusal::Known)?;
        let application = names.application(line).map_err(Refusal::Found)?;
        Ok(Push {
            application,
            co_funder,
            conditions: Conditions { if_match: IfMatch::of(line.if_match.clone()), ..Conditions::none() },
            capacity: Capacity::Own,
            input: line.decision.clone(),
        })
    };
    Ok(lines.iter().map(push).collect())
}

/// Why a line is refused: known when it was read, or found out since.
#[derive(Debug)]
pub enum Refusal<'a> {
    Known(&'a Error),
    Found(Error),
}

impl Refusal<'_> {
    pub const fn error(&self) -> &Error {
        match self {
            Self::Known(error) => error,
            Self::Found(error) => error,
        }
    }
}

/// A line that names its application, or why it does not.
pub type Named<'a> = std::result::Result<Push, Refusal<'a>>;

/// What a push made of a line; `None` where its refusal is known from before.
pub type Judged = std::result::Result<Step, Option<Error>>;

/// Judges pushes one after the other; two on the same line are one too many. A push that was refused already stays so.
pub fn judge(ledger: &mut Ledger, actor: &Actor, pushes: &[Named<'_>]) -> Vec<Judged> {
    let mut seen = HashSet::new();
    let mut judge = |push: &Named<'_>| {
        let push = push.as_ref().map_err(|_| None)?;
        if !seen.insert((push.application, push.co_funder)) {
            let (en, fr) = (
                "a line before is of the same co-funder on the same application",
                "une ligne précédente est du même cofinanceur sur le même dossier",
            );
            let fault = Fault::new("", FaultCode::Duplicate, en, fr);
            return Err(Some(Error::invalid(vec![fault])));
        }
        ledger.apply(actor, push).map_err(|error| Some(error.within("/decision")))
    };
    pushes.iter().map(&mut judge).collect()
}

fn refusal<'a>(push: &'a Named<'_>, judged: &'a Judged) -> Option<&'a Error> {
    match (push, judged) {
        (Err(refusal), _) => Some(refusal.error()),
        (Ok(_), Err(error)) => error.as_ref(),
        (Ok(_), Ok(_)) => None,
    }
}

/// What became of every line.
pub fn results(
    ledger: &Ledger,
    pushes: &[Named<'_>],
    steps: &[Judged],
    teller: &Teller,
) -> Result<Vec<LineResult>> {
    pushes
        .iter()
        .zip(steps)
        .enumerate()
        .map(|(place, (push, step))| match refusal(push, step) {
            Some(error) => Ok(left(place, push, error, teller)),
            None => taken(ledger, place, push, step),
        })
        .collect()
}

fn taken(ledger: &Ledger, place: usize, push: &Named<'_>, step: &Judged) -> Result<LineResult> {
    let gone = || Error::internal("a line is gone");
    let (Ok(push), Ok(step)) = (push, step) else { return Err(gone()) };
    let line = ledger.line(push.application, push.co_funder).ok_or_else(gone)?;
    Ok(LineResult {
        line: place,
        outcome: Outcome::from(*step),
        status: if *step == Step::Recorded { 201 } else { 200 },
        application_id: Some(push.application),
        co_funder_id: Some(push.co_funder),
        etag: Some(line.etag()?.quoted()),
        problem: None,
    })
}

fn left(place: usize, push: &Named<'_>, error: &Error, teller: &Teller) -> LineResult {
    let push = push.as_ref().ok();
    LineResult {
        line: place,
        outcome: Outcome::Refused,
        status: error.code().entry().status,
        application_id: push.map(|push| push.application),
        co_funder_id: push.map(|push| push.co_funder),
        etag: None,
        problem: Some(teller.tell(error)),
    }
}

/// A result for each line that is refused.
pub fn refused(pushes: &[Named<'_>], steps: &[Judged], teller: &Teller) -> Vec<LineResult> {
    let lines = pushes.iter().zip(steps).enumerate();
    lines.filter_map(|(place, (push, step))| Some(left(place, push, refusal(push, step)?, teller))).collect()
}

/// Refuses all lines when one is; the refusal has a result for each of those.
pub fn all_or_none(pushes: &[Named<'_>], steps: &[Judged], teller: &Teller) -> Result<()> {
    let refused = refused(pushes, steps, teller);
    if refused.is_empty() {
        return Ok(());
    }
    let (count, all) = (refused.len(), steps.len());
    Err(Error::new(Code::BatchRefused)
        .detail(
            format!("{count} of {all} lines are refused, and nothing was changed"),
            format!("{count} lignes sur {all} sont refusées, et rien n’a été modifié"),
        )
        .with("results", serde_json::to_value(refused).map_err(Error::internal)?))
}
