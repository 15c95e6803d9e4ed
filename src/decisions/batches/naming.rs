//! Which application each line is on, whatever it is named by: all names of a kind in one query.

use std::collections::{HashMap, HashSet};

use super::api::DecisionLine;
use crate::applications::{self, ExternalReference, Referred};
use crate::auth::Principal;
use crate::db::DbConnection;
use crate::error::{Error, Fault, FaultCode, Result};
use crate::types::{ApplicationId, CallId, reference_key};

/// The names that lines use, and what they lead to.
#[derive(Debug, Default)]
pub struct Names {
    by_number: HashMap<(CallId, String), ApplicationId>,
    by_reference: HashMap<(String, String), Vec<Referred>>,
}

impl Names {
    pub fn look_up<'a>(
        connection: &mut DbConnection,
        principal: &Principal,
        lines: impl Iterator<Item = &'a DecisionLine>,
    ) -> Result<Self> {
        let (mut calls, mut numbers, mut references) = (HashSet::new(), Vec::new(), Vec::new());
        for line in lines {
            if let (Some(call), Some(number)) = (line.call_id, &line.number) {
                calls.insert(call);
                numbers.push(number.as_str());
            }
            references.extend(line.external_reference.as_ref().map(|one| reference_key(&one.reference)));
        }
        let mut names = Self::default();
        if !numbers.is_empty() {
            let calls: Vec<CallId> = calls.into_iter().collect();
            for (call, number, id) in applications::by_number(connection, principal, &calls, &numbers)? {
                names.by_number.insert((call, number), id);
            }
        }
        if !references.is_empty() {
            for found in applications::by_reference(connection, principal, &references)? {
                let key = (found.system.clone(), found.reference_key.clone());
                names.by_reference.entry(key).or_default().push(found);
            }
        }
        Ok(names)
    }

    /// The application that a line is on. One that the client may not see is found out later, like any other.
    pub fn application(&self, line: &DecisionLine) -> Result<ApplicationId> {
        if let Some(id) = line.application_id {
            return Ok(id);
        }
        if let (Some(call), Some(number)) = (line.call_id, &line.number) {
            let known = self.by_number.get(&(call, number.clone()));
            return known.copied().ok_or_else(Error::not_found);
        }
        let reference = line.external_reference.as_ref().ok_or_else(Error::not_found)?;
        self.referred(reference, line.call_id)
    }

    fn referred(&self, reference: &ExternalReference, call: Option<CallId>) -> Result<ApplicationId> {
        let key = (reference.system.clone(), reference_key(&reference.reference));
        let known = self.by_reference.get(&key).map(Vec::as_slice).unwrap_or_default();
        let of_call = || known.iter().filter(|one| call.is_none_or(|call| call == one.call));
        // One that was withdrawn and made anew, or that somebody else has drafted, does not make it ambiguous.
        let any_decided = of_call().any(|one| one.decided_on);
        let mut known = of_call().filter(|one| one.decided_on || !any_decided);
        match (known.next(), known.next()) {
            (Some(one), None) => Ok(one.id),
            (Some(_), Some(_)) => {
                let (en, fr) = (
                    "names several applications: say which by callId, number or applicationId",
                    "désigne plusieurs dossiers : précisez par callId, number ou applicationId",
                );
                let fault = Fault::new("/externalReference", FaultCode::NotAllowedValue, en, fr);
                Err(Error::invalid(vec![fault]))
            }
            (None, _) => Err(Error::not_found()),
        }
    }
}
