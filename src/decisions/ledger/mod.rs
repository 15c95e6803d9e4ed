//! The ledger in hand: the applications that pushes are about, their lines, and the envelopes these come out of. Pushes are
//! judged against it one after the other; then what changed is written. So a batch of a thousand lines, the positions of
//! a committee, a what-if and a single push are the same act.

mod file;
mod loading;
mod saving;

use std::collections::HashMap;

use super::api::{Decision, DecisionInput};
use super::rules::{self, Limits};
use crate::applications::{ApplicationStatus, Funding};
use crate::calls::{CallRow, Purse, Purses};
use crate::error::{Code, Error, Fault, FaultCode, Result, all_right};
use crate::http::{Actor, Conditions};
use crate::types::{ApplicationId, CallId, CoFunderId, CommitteeSessionId, Money};
use file::File;

/// In what capacity a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capacity {
    /// By the co-funder itself (rule D1).
    Own,
    /// For the co-funder, as it said in a committee session: it has not voted yet.
    Committee(CommitteeSessionId),
    /// By nobody: to see what would become of the programme.
    WhatIf,
}

/// A line to be recorded.
#[derive(Debug, Clone)]
pub struct Push {
    pub application: ApplicationId,
    pub co_funder: CoFunderId,
    pub conditions: Conditions,
    pub capacity: Capacity,
    pub input: DecisionInput,
}

/// What a push made of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Kept,
    Recorded,
    Superseded,
}

/// The ledger in hand.
#[derive(Debug)]
pub struct Ledger {
    files: HashMap<ApplicationId, File>,
    calls: HashMap<CallId, CallRow>,
    purses: Purses,
}

impl Ledger {
    /// Judges a push by what is there now, its predecessors in the ledger included, and takes it up (rules D1 to D6, O2).
    /// One that is refused changes nothing.
    pub fn apply(&mut self, actor: &Actor, push: &Push) -> Result<Step> {
        let file = self.files.get_mut(&push.application).ok_or_else(Error::not_found)?;
        check_author(actor, push)?;
        let former = file.line(push.co_funder);
        let is_same = former.is_some_and(|line| line.says(&push.input));
        if let Some(line) = former.filter(|_| is_same)
            && !push.conditions.if_none_match.names(|| line.etag())?
        {
            return Ok(Step::Kept);
        }
        check_admissible(file.stake.status)?;
        let call = self.calls.get(&file.stake.call_id).ok_or_else(Error::not_found)?;
        if !call.terms.launched_by.contains(&push.co_funder) {
            return Err(Error::not_found());
        }
        call.check_not_archived()?;
        if push.capacity != Capacity::WhatIf {
            push.conditions.judge(former, |_| is_same, |line| line.etag())?;
        }
        all_right(faults(actor, push, former, call, file))?;
        check_standing(push, former)?;
        let place = (file.stake.call_id, push.co_funder);
        let purse = self.purses.get_mut(&place).ok_or_else(Error::not_found)?;
        spend(purse, file, push, call.terms.rules.maximum_public_share_percent)?;
        file.record(actor, push)
    }

    /// Whether an application is in the ledger, and of that call.
    pub fn has(&self, application: ApplicationId, call: CallId) -> bool {
        self.files.get(&application).is_some_and(|file| file.stake.call_id == call)
    }

    /// The line of a co-funder on an application.
    pub fn line(&self, application: ApplicationId, co_funder: CoFunderId) -> Option<&Decision> {
        self.files.get(&application)?.line(co_funder)
    }

    /// The line that this co-funder itself has on an application whose call is not archived.
    pub fn own_line(
        &self,
        actor: &Actor,
        application: ApplicationId,
        co_funder: CoFunderId,
    ) -> Result<&Decision> {
        let file = self.files.get(&application).ok_or_else(Error::not_found)?;
        if actor.principal.co_funder() != Some(co_funder) {
            return Err(Error::new(Code::NotYourLine));
        }
        file.line(co_funder).ok_or_else(Error::not_found)
    }

    /// Refuses what would change an application of an archived call.
    pub fn check_not_archived(&self, application: ApplicationId) -> Result<()> {
        let file = self.files.get(&application).ok_or_else(Error::not_found)?;
        self.calls.get(&file.stake.call_id).ok_or_else(Error::not_found)?.check_not_archived()
    }

    /// Takes up what is paid in all on a line.
    pub fn pay(
        &mut self,
        actor: &Actor,
        application: ApplicationId,
        co_funder: CoFunderId,
        paid: Money,
    ) -> Result<()> {
        let file = self.files.get_mut(&application).ok_or_else(Error::not_found)?;
        file.pay(actor, co_funder, paid);
        Ok(())
    }

    /// What the applications that were touched are funded with now.
    pub fn fundings(&self) -> HashMap<ApplicationId, Funding> {
        let touched = self.files.values().filter(|file| file.is_touched());
        touched.map(|file| (file.stake.id, file.funding())).collect()
    }

    /// The envelopes as they are now.
    pub fn into_purses(self) -> Purses {
        self.purses
    }
}

/// Rule D1: a co-funder writes its own lines; the instructor what was said in a session.
fn check_author(actor: &Actor, push: &Push) -> Result<()> {
    let principal = &actor.principal;
    let allowed = match push.capacity {
        Capacity::Own => principal.co_funder() == Some(push.co_funder),
        Capacity::Committee(_) => principal.is_staff(),
        Capacity::WhatIf => true,
    };
    if allowed { Ok(()) } else { Err(Error::new(Code::NotYourLine)) }
}

/// Rule D2.
fn check_admissible(status: ApplicationStatus) -> Result<()> {
    if ApplicationStatus::DECIDED_ON.contains(&status) {
        return Ok(());
    }
    Err(Error::new(Code::NotAdmissible)
        .detail(format!("the application is {status}"), format!("le dossier est {}", status.french())))
}

/// Everything wrong with what is said, at once.
fn faults(actor: &Actor, push: &Push, former: Option<&Decision>, call: &CallRow, file: &File) -> Vec<Fault> {
    let input = &push.input;
    let mut faults = rules::unknown_conditions(push.co_funder, &call.terms.launched_by, input);
    if push.capacity == Capacity::WhatIf {
        return faults;
    }
    faults.extend(rules::future_act(actor, input));
    faults.extend(former.and_then(|line| rules::missing_reason(line, input)));
    faults.extend(rules::missing_reply(file.council, former, input));
    if matches!(push.capacity, Capacity::Committee(_)) && input.firmness.is_public() {
        let (en, fr) = (
            "is a vote, which each institution pushes itself",
            "est un vote, que chaque institution enregistre elle-même",
        );
        faults.push(Fault::new("/firmness", FaultCode::NotAllowedValue, en, fr));
    }
    faults
}

/// What was voted or paid stands in the way of some pushes.
fn check_standing(push: &Push, former: Option<&Decision>) -> Result<()> {
    match push.capacity {
        Capacity::Committee(_) if former.is_some_and(Decision::is_voted) => {
            return Err(Error::new(Code::InvalidTransition).detail(
                "the institution has voted: it alone changes its line",
                "l’institution a voté : elle seule modifie sa ligne",
            ));
        }
        Capacity::Committee(_) | Capacity::Own | Capacity::WhatIf => {}
    }
    rules::check_payments(former.map(|line| line.paid).unwrap_or_default(), &push.input)
}

/// Takes the money of a push out of its envelope, in the place of what the line held before (rules D3 and D4).
fn spend(purse: &mut Purse, file: &File, push: &Push, maximum_public_share_percent: u32) -> Result<()> {
    let (strand, input) = (&file.stake.strand, &push.input);
    let held = file.line(push.co_funder).map(|line| (line.credits, line.as_line().committed()));
    if let Some((credits, amount)) = held {
        purse.take_back(credits, strand, amount);
    }
    let room = purse.room(input.credits, strand);
    let limits = Limits {
        envelope: room.amount,
        committed_elsewhere: room.committed,
        charges: file.stake.charges,
        granted_by_others: file.granted_by_others(push.co_funder),
        other_public_money: file.stake.other_public_money,
        maximum_public_share_percent,
    };
    let allowed = rules::check_limits(input.committed(), &limits);
    let (credits, amount) = match &allowed {
        Ok(()) => (input.credits, input.committed()),
        Err(_) => held.unwrap_or((input.credits, Money::ZERO)),
    };
    purse.give(credits, strand, amount);
    allowed
}
