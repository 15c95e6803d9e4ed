//! Nobody is counted twice among the audiences: a total and its parts are not both given.

use super::super::content::{ApplicationInput, Audience};
use crate::error::{Fault, FaultCode};

/// The audiences that include people of an audience above them.
pub(super) fn double_counts(input: &ApplicationInput) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, audience) in input.audiences.iter().enumerate() {
        let above = input.audiences.iter().take(index);
        if let Some(other) = above.clone().position(|other| audience.overlaps(other)) {
            faults.extend(input.audiences.get(other).map(|found| double_count(index, other, found)));
        }
    }
    faults
}

fn double_count(index: usize, other: usize, found: &Audience) -> Fault {
    let Audience { age_band: age, gender, residence, .. } = found;
    let line = other + 1;
    Fault::new(
        format!("/audiences/{index}"),
        FaultCode::Duplicate,
        format!(
            "counts people whom line {line} counts already (ageBand {age}, gender {gender}, residence {residence}): give a \
             total or its parts, not both"
        ),
        format!(
            "compte des personnes déjà comptées à la ligne {line} (âge : {}, genre : {}, résidence : {}) : indiquez le total \
             ou le détail, pas les deux",
            age.french(),
            gender.french(),
            residence.french()
        ),
    )
}
