//! The sums of a programme, made row by row of the very rows that are shown.

use std::collections::{BTreeMap, HashMap};

use super::api::{ProgrammeRow, ProgrammeStrand, ProgrammeTotals};
use crate::applications::{Amounts, CreditsFunding, Viability};
use crate::types::{CoFunderId, Credits, Money};

/// Sums over the rows so far.
#[derive(Debug, Default)]
pub struct Sums {
    pub totals: ProgrammeTotals,
    co_funders: HashMap<CoFunderId, Amounts>,
    credits: BTreeMap<Credits, Amounts>,
    strands: BTreeMap<String, (u64, Amounts, Money)>,
}

impl Sums {
    pub fn add(&mut self, row: &ProgrammeRow) {
        let funding = &row.funding;
        self.totals.applications += 1;
        self.totals.amounts += funding.amounts;
        self.totals.gap += funding.gap;
        match funding.viability {
            Viability::Full => self.totals.full += 1,
            Viability::ScaledDown => self.totals.scaled_down += 1,
            Viability::NotViable => self.totals.not_viable += 1,
        }
        for one in &funding.by_co_funder {
            *self.co_funders.entry(one.co_funder_id).or_default() += one.amounts;
        }
        for one in &funding.by_credits {
            *self.credits.entry(one.credits).or_default() += one.amounts;
        }
        let strand = self.strands.entry(row.strand.clone()).or_default();
        strand.0 += 1;
        strand.1 += funding.amounts;
        strand.2 += funding.gap;
    }

    pub fn of_co_funder(&self, id: CoFunderId) -> Amounts {
        self.co_funders.get(&id).copied().unwrap_or_default()
    }

    pub fn by_credits(&self) -> Vec<CreditsFunding> {
        let of = |(credits, amounts): (&Credits, &Amounts)| CreditsFunding {
            credits: *credits,
            amounts: *amounts,
        };
        self.credits.iter().map(of).collect()
    }

    pub fn by_strand(&self) -> Vec<ProgrammeStrand> {
        let of =
            |(strand, (applications, amounts, gap)): (&String, &(u64, Amounts, Money))| ProgrammeStrand {
                strand: strand.clone(),
                applications: *applications,
                amounts: *amounts,
                gap: *gap,
            };
        self.strands.iter().map(of).collect()
    }
}
