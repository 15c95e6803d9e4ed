//! Rule S5: strand, priorities, challenges, neighbourhoods and co-funders belong to the call.

use super::super::content::ApplicationInput;
use super::GENDER_EQUALITY;
use crate::calls::{CallInput, Strand};
use crate::error::Fault;

pub(super) fn foreign_to_the_call(input: &ApplicationInput, call: &CallInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    foreign_to_the_strand(input, call, &mut faults);
    for (place, one) in input.statements.iter().enumerate() {
        let known = call.cross_cutting_priorities.iter().any(|priority| priority.code == one.priority);
        if !known && one.priority != GENDER_EQUALITY {
            let pointer = format!("/statements/{place}/priority");
            faults.push(Fault::unknown(
                pointer,
                ("cross-cutting priority of the call", "priorité transversale de l’appel"),
                &one.priority,
            ));
        }
    }
    for (place, code) in input.neighbourhoods.iter().enumerate() {
        if !call.neighbourhoods.contains(code) {
            let pointer = format!("/neighbourhoods/{place}");
            faults.push(Fault::unknown(pointer, ("neighbourhood of the call", "quartier de l’appel"), code));
        }
    }
    for (place, request) in input.requests.iter().enumerate() {
        if !call.launched_by.contains(&request.co_funder_id) {
            let pointer = format!("/requests/{place}/coFunderId");
            faults.push(Fault::unknown(
                pointer,
                ("co-funder of the call", "cofinanceur de l’appel"),
                request.co_funder_id,
            ));
        }
    }
    faults
}

fn foreign_to_the_strand(input: &ApplicationInput, call: &CallInput, faults: &mut Vec<Fault>) {
    let strand =
        input.strand.as_ref().and_then(|code| call.strands.iter().find(|strand| strand.code == *code));
    if let (Some(code), None) = (&input.strand, strand) {
        faults.push(Fault::unknown("/strand", ("strand of the call", "volet de l’appel"), code));
    }
    // While the strand is not known, what no strand of the call has is foreign already.
    let strands: Vec<&Strand> = strand.map_or_else(|| call.strands.iter().collect(), |strand| vec![strand]);
    for (place, number) in input.challenges.iter().enumerate() {
        if !strands.iter().any(|strand| strand.challenges.contains(number)) {
            let pointer = format!("/challenges/{place}");
            faults.push(Fault::unknown(pointer, ("challenge of the strand", "enjeu du volet"), number));
        }
    }
    for (place, code) in input.operational_priorities.iter().enumerate() {
        let mut known = strands.iter().flat_map(|strand| &strand.operational_priorities);
        if !known.any(|priority| priority.code == *code) {
            let pointer = format!("/operationalPriorities/{place}");
            faults.push(Fault::unknown(
                pointer,
                ("operational priority of the strand", "priorité opérationnelle du volet"),
                code,
            ));
        }
    }
}
