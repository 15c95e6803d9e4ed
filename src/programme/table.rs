//! The programme as the table a committee reads. Its headings are French, as its readers are; a byte-order mark tells
//! spreadsheets that it is UTF-8.

use std::io::Write;

use super::api::{ProgrammeCoFunder, ProgrammeRow};
use super::sums::Sums;
use crate::applications::{Amounts, ConditionState};
use crate::calls::Envelope;
use crate::error::{Error, Result};
use crate::http::Table;
use crate::types::Money;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const BEFORE: [&str; 6] = ["Numéro", "Organisme", "Projet", "Volet", "Statut", "Avis du conseil citoyen"];
const AFTER: [&str; 8] =
    ["Demandé", "Envisagé", "Accordé", "Sous conditions", "Voté", "Payé", "Manque", "Viabilité"];

/// A programme that is being written as a table.
pub struct ProgrammeTable<'a, W: Write> {
    table: Table<W>,
    envelopes: &'a [Envelope],
}

impl<'a, W: Write> ProgrammeTable<'a, W> {
    /// Begins with the headings: three columns for each co-funder.
    pub fn begin(mut out: W, envelopes: &'a [Envelope]) -> Result<Self> {
        out.write_all(BYTE_ORDER_MARK).map_err(Error::internal)?;
        let of = |envelope: &Envelope| {
            ["demandé", "position", "montant"].map(|what| format!("{} : {what}", envelope.name))
        };
        let own: Vec<String> = envelopes.iter().flat_map(of).collect();
        let columns = BEFORE.into_iter().chain(own.iter().map(String::as_str)).chain(AFTER);
        Ok(Self { table: Table::begin(out, columns)?, envelopes })
    }

    pub fn row(&mut self, row: &ProgrammeRow) -> Result<()> {
        let mut cells = vec![
            row.number.clone(),
            row.organisation_name.clone(),
            row.title.clone(),
            row.strand.clone(),
            row.status.french().to_owned(),
            row.council.map(|view| view.french().to_owned()).unwrap_or_default(),
        ];
        for envelope in self.envelopes {
            let said = row.funding.by_co_funder.iter().find(|one| one.co_funder_id == envelope.co_funder_id);
            let position = said.and_then(|one| Some((one.firmness?, one.condition_state)));
            let position = position.map(|(firmness, state)| match state {
                Some(ConditionState::Met) | None => firmness.french().to_owned(),
                Some(state) => format!("{} (conditions {})", firmness.french(), state.french()),
            });
            let amounts = said.map(|one| one.amounts).unwrap_or_default();
            cells.extend([shown(amounts.requested), position.unwrap_or_default(), shown(amounts.intended)]);
        }
        cells.extend(sums(&row.funding.amounts, row.funding.gap));
        cells.push(row.funding.viability.french().to_owned());
        self.table.row(cells)
    }

    /// Ends with the sums of the rows, and what is left of each envelope.
    pub fn end(mut self, totals: &Sums) -> Result<W> {
        let own = |envelope: &Envelope| totals.of_co_funder(envelope.co_funder_id);
        let mut cells = heading("Total");
        for envelope in self.envelopes {
            let amounts = own(envelope);
            cells.extend([amounts.requested.to_string(), String::new(), amounts.intended.to_string()]);
        }
        cells.extend(sums(&totals.totals.amounts, totals.totals.gap));
        cells.push(String::new());
        self.table.row(cells)?;
        self.of_envelopes("Enveloppe", |envelope| envelope.amount)?;
        self.of_envelopes("Engagé", |envelope| envelope.committed)?;
        self.of_envelopes("Reste", |envelope| envelope.remaining)?;
        self.table.end()
    }

    fn of_envelopes(&mut self, name: &str, amount: impl Fn(&Envelope) -> Money) -> Result<()> {
        let mut cells = heading(name);
        for envelope in self.envelopes {
            cells.extend([String::new(), String::new(), amount(envelope).to_string()]);
        }
        cells.extend(AFTER.map(|_| String::new()));
        self.table.row(cells)
    }
}

fn heading(name: &str) -> Vec<String> {
    let mut cells = vec![name.to_owned()];
    cells.resize(BEFORE.len(), String::new());
    cells
}

fn sums(amounts: &Amounts, gap: Money) -> [String; 7] {
    let Amounts { requested, intended, agreed, conditional, voted, paid } = *amounts;
    [requested, intended, agreed, conditional, voted, paid, gap].map(|amount| amount.to_string())
}

/// An empty cell reads better than a nought, where most are.
fn shown(amount: Money) -> String {
    if amount == Money::ZERO { String::new() } else { amount.to_string() }
}

/// The co-funders' envelopes, in the order of their columns.
pub fn envelopes(co_funders: Vec<ProgrammeCoFunder>) -> Vec<Envelope> {
    co_funders.into_iter().map(|one| one.envelope).collect()
}
