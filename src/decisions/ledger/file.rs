//! One application in the ledger: its lines, and what they make of it.

use super::super::api::Decision;
use super::{Capacity, Push, Step};
use crate::applications::{
    ApplicationStatus, ConditionState, Funding, Line, Resolution, Settled, Stake, funding, resolve,
    resolved_funding,
};
use crate::db::Json;
use crate::error::Result;
use crate::events::Event;
use crate::http::Actor;
use crate::opinions::View;
use crate::types::{CoFunderId, Instant, Money};

/// A line in hand, and what happened to it.
#[derive(Debug)]
pub struct Entry {
    pub line: Decision,
    pub change: Option<Change>,
    /// Whether its conditions stand otherwise than when it was read.
    pub resolved: bool,
}

/// What happened to a line in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Recorded,
    Superseded,
    /// A payment was recorded on it, which has its own event.
    Paid,
}

/// An application in hand.
#[derive(Debug)]
pub struct File {
    pub stake: Stake,
    pub entries: Vec<Entry>,
    /// What the council thinks of it (rule O2).
    pub council: Option<View>,
    /// What anyone saw of it when it was read.
    told_before: Vec<(Line, Option<Resolution>)>,
    /// What the council was answered when it was read.
    replies_before: Vec<(CoFunderId, String)>,
    /// What its lines make of it, once that is known.
    pub settled: Option<Settled>,
}

impl File {
    pub fn new(stake: Stake, lines: Vec<Decision>, council: Option<View>) -> Self {
        let entries: Vec<Entry> =
            lines.into_iter().map(|line| Entry { line, change: None, resolved: false }).collect();
        let (told_before, replies_before) = (told(&entries), replies(&entries));
        Self { stake, entries, council, told_before, replies_before, settled: None }
    }

    pub fn line(&self, co_funder: CoFunderId) -> Option<&Decision> {
        self.entries.iter().map(|entry| &entry.line).find(|line| line.co_funder_id == co_funder)
    }

    pub fn is_touched(&self) -> bool {
        self.entries.iter().any(Entry::is_touched)
    }

    /// What the other co-funders commit to it.
    pub fn granted_by_others(&self, own: CoFunderId) -> Money {
        let others = self.entries.iter().map(|entry| &entry.line).filter(|line| line.co_funder_id != own);
        others.filter(|line| line.firmness.is_committing()).filter_map(|line| line.granted).sum()
    }

    /// Takes up what is pushed.
    pub fn record(&mut self, actor: &Actor, push: &Push) -> Result<Step> {
        let known = self.entries.iter_mut().find(|entry| entry.line.co_funder_id == push.co_funder);
        if let Some(entry) = known {
            entry.line.version += 1;
            entry.line.revision = entry.line.revision.map(|last| last + 1);
            say(&mut entry.line, actor, push)?;
            entry.change = Some(Change::Superseded);
            return Ok(Step::Superseded);
        }
        let mut line = self.blank(actor, push);
        say(&mut line, actor, push)?;
        self.entries.push(Entry { line, change: Some(Change::Recorded), resolved: false });
        Ok(Step::Recorded)
    }

    /// Takes up what is paid in all on a line.
    pub fn pay(&mut self, actor: &Actor, co_funder: CoFunderId, paid: Money) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.line.co_funder_id == co_funder) {
            entry.line.version += 1;
            entry.line.paid = paid;
            entry.line.updated_at = actor.now;
            entry.change = Some(Change::Paid);
        }
    }

    fn blank(&self, actor: &Actor, push: &Push) -> Decision {
        let request = self.stake.requests.iter().find(|request| request.co_funder_id == push.co_funder);
        Decision {
            application_id: self.stake.id,
            call_id: self.stake.call_id,
            strand: self.stake.strand.clone(),
            co_funder_id: push.co_funder,
            version: 1,
            revision: Some(1),
            firmness: push.input.firmness,
            requested: request.map(|request| request.amount).unwrap_or_default(),
            proposed: None,
            granted: None,
            credits: push.input.credits,
            conditions: Json::default(),
            resolution: None,
            public_resolution: None,
            applicant_conditions: None,
            act_reference: None,
            act_date: None,
            partner_reference: None,
            reason: None,
            reply_to_council: None,
            paid: Money::ZERO,
            recorded_by: None,
            session_id: None,
            standing: true,
            created_at: actor.now,
            updated_at: actor.now,
        }
    }

    /// Judges the conditions of every line again, and says what all of them make of the application (rules D7, D9).
    pub fn settle(&mut self, now: Instant) -> Result<()> {
        let lines: Vec<Line> = self.entries.iter().map(|entry| entry.line.as_line()).collect();
        let known = resolve(&lines);
        let told = told(&self.entries);
        for (entry, resolution) in self.entries.iter_mut().zip(&known) {
            let own = told.iter().find(|(line, _)| line.co_funder_id == entry.line.co_funder_id);
            entry.resolve(resolution.clone(), own.and_then(|(_, told)| told.clone()), now)?;
        }
        let status = if told.is_empty() { self.stake.status } else { ApplicationStatus::Underway };
        // What the applicant and the council may not see does not move the date of what they read either (rule D9).
        let pushed =
            self.entries.iter().any(|entry| entry.change.is_some() && entry.line.firmness.is_public());
        let seen = pushed || status != self.stake.status || told != self.told_before;
        let answered = self.council.is_some() && replies(&self.entries) != self.replies_before;
        let public_lines: Vec<Line> = told.into_iter().map(|(line, _)| line).collect();
        self.settled = Some(Settled {
            status,
            funding: resolved_funding(self.stake.asked(), &lines, &known).status,
            public: funding(self.stake.asked(), &public_lines).status,
            now,
            seen,
            seen_by_council: seen || answered,
        });
        Ok(())
    }

    /// What it is funded with by its lines as they are now.
    pub fn funding(&self) -> Funding {
        let lines: Vec<Line> = self.entries.iter().map(|entry| entry.line.as_line()).collect();
        funding(self.stake.asked(), &lines)
    }
}

impl Entry {
    /// Keeps where the conditions of a line stand: by all lines, and by those that anyone sees.
    fn resolve(&mut self, known: Option<Resolution>, told: Option<Resolution>, now: Instant) -> Result<()> {
        let line = &mut self.line;
        let moved =
            |kept: &Option<Json<Resolution>>, found: &Option<Resolution>| kept.as_deref() != found.as_ref();
        let (known_moved, told_moved) =
            (moved(&line.resolution, &known), moved(&line.public_resolution, &told));
        if !known_moved && !told_moved {
            return Ok(());
        }
        line.resolution = known.map(Json::new).transpose()?;
        line.public_resolution = told.map(Json::new).transpose()?;
        if told_moved {
            line.updated_at = now;
        }
        self.resolved = true;
        Ok(())
    }

    pub const fn is_touched(&self) -> bool {
        self.change.is_some() || self.resolved
    }

    /// What its readers are told: the line as it was pushed, or that its conditions stand otherwise because of another one.
    pub const fn event(&self) -> Option<Event> {
        match self.change {
            Some(Change::Recorded) => Some(Event::DecisionRecorded),
            Some(Change::Superseded) => Some(Event::DecisionSuperseded),
            Some(Change::Paid) | None if self.resolved => Some(Event::DecisionResolved),
            Some(Change::Paid) | None => None,
        }
    }

    /// Whether its grant may be published: its conditions, if it sets any, are met by what anyone sees.
    pub fn is_effective(&self) -> bool {
        self.line.public_resolution.as_ref().is_none_or(|told| told.state == ConditionState::Met)
    }
}

/// The lines that anyone sees, and where their conditions stand by these alone.
fn told(entries: &[Entry]) -> Vec<(Line, Option<Resolution>)> {
    let public = entries.iter().map(|entry| &entry.line).filter(|line| line.firmness.is_public());
    let lines: Vec<Line> = public.map(Decision::as_line).collect();
    let resolutions = resolve(&lines);
    lines.into_iter().zip(resolutions).collect()
}

/// What the council reads that it is answered.
fn replies(entries: &[Entry]) -> Vec<(CoFunderId, String)> {
    let shown = entries.iter().map(|entry| &entry.line).filter(|line| line.shows_reply_to_council());
    shown.filter_map(|line| Some((line.co_funder_id, line.reply_to_council.clone()?))).collect()
}

/// Makes a line what is pushed.
fn say(line: &mut Decision, actor: &Actor, push: &Push) -> Result<()> {
    let input = push.input.clone();
    line.firmness = input.firmness;
    line.proposed = input.proposed;
    line.granted = input.granted;
    line.credits = input.credits;
    line.conditions = Json::new(input.conditions)?;
    line.applicant_conditions = input.applicant_conditions;
    line.act_reference = input.act_reference;
    line.act_date = input.act_date;
    line.partner_reference = input.partner_reference;
    line.reason = input.reason;
    line.reply_to_council = input.reply_to_council;
    line.recorded_by = Some(actor.principal.client);
    line.session_id = match push.capacity {
        Capacity::Committee(session) => Some(session),
        Capacity::Own | Capacity::WhatIf => None,
    };
    line.updated_at = actor.now;
    Ok(())
}
