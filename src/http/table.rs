//! Tables after RFC 4180: comma, UTF-8, amounts with a point, no cell that a spreadsheet would run.

use std::io::Write;

use csv::{Writer, WriterBuilder};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};
use crate::types::{is_blank, is_invisible};

/// A table after RFC 4180: a first row of column names, then one row an item.
#[derive(utoipa::ToSchema)]
#[schema(as = Table, value_type = String, max_length = 100_000_000, format = "csv")]
pub struct CsvText(#[expect(dead_code, reason = "only its schema is used")] String);

/// A table that is being written.
pub struct Table<W: Write>(Writer<W>);

impl<W: Write> Table<W> {
    /// Begins with the names of the columns.
    pub fn begin<'a>(out: W, columns: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut table = Self(WriterBuilder::new().from_writer(out));
        table.row(columns.into_iter().map(str::to_owned))?;
        Ok(table)
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) -> Result<()> {
        self.0.write_record(cells.into_iter().map(harmless)).map_err(Error::internal)
    }

    pub fn end(self) -> Result<W> {
        self.0.into_inner().map_err(|cause| Error::internal(cause.error()))
    }
}

/// A whole table as text.
pub fn table(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<String> {
    let mut table = Table::begin(Vec::new(), columns.iter().copied())?;
    for row in rows {
        table.row(row)?;
    }
    String::from_utf8(table.end()?).map_err(Error::internal)
}

/// Neutralises a cell that a spreadsheet would run as a formula: an apostrophe is put before it, and before each part that
/// follows a character at which some spreadsheets begin another cell (OWASP, CSV injection).
fn harmless(cell: String) -> String {
    if !cell.split(CELL_STARTS).any(is_formula) && !cell.starts_with(['\t', '\r']) {
        return cell;
    }
    let mut safe = String::with_capacity(cell.len() + 1);
    if cell.starts_with(['\t', '\r']) {
        safe.push('\'');
    }
    for part in cell.split_inclusive(CELL_STARTS) {
        if is_formula(part) {
            safe.push('\'');
        }
        safe.push_str(part);
    }
    safe
}

/// Where spreadsheets may begin another cell or row, by their language and settings.
const CELL_STARTS: [char; 6] = [',', ';', '|', '\t', '\n', '\r'];

/// Whether a cell would be read as a formula: its first visible character is a sign that begins one, in any width. Blanks,
/// quotation marks and invisible characters before it do not keep a spreadsheet from reading it so.
fn is_formula(cell: &str) -> bool {
    let is_skipped = |one: &char| *one == '"' || is_blank(*one) || is_invisible(*one);
    let first = cell.chars().find(|one| !is_skipped(one));
    first.is_some_and(|one| one.nfkc().next().is_some_and(|sign| matches!(sign, '=' | '+' | '-' | '@')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_only_text() {
        let rows = [vec!["=1+1".to_owned(), "a, \"b\"".to_owned()]];
        let text = table(&["one", "other"], rows.into_iter()).unwrap();
        assert_eq!(text, "one,other\n'=1+1,\"a, \"\"b\"\"\"\n");
    }

    #[test]
    fn formulas_are_neutralised_wherever_a_cell_may_begin() {
        for (cell, safe) in [
            ("Atelier;=cmd|' /C calc'!A1", "Atelier;'=cmd|' /C calc'!A1"),
            ("a\n@b", "a\n'@b"),
            ("a; \"+1", "a;' \"+1"),
            ("a\r=1", "a\r'=1"),
            ("a\t-1", "a\t'-1"),
            ("a,=1", "a,'=1"),
            ("\t=1", "'\t'=1"),
            ("\rb", "'\rb"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("\u{ff0b}1;\u{ff20}a", "'\u{ff0b}1;'\u{ff20}a"),
            ("\u{fe63}1", "'\u{fe63}1"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("\u{202f}\u{feff}=1", "'\u{202f}\u{feff}=1"),
            ("\u{200b}\u{2060}+1", "'\u{200b}\u{2060}+1"),
            ("\u{2800}\u{ad}@a", "'\u{2800}\u{ad}@a"),
        ] {
            assert_eq!(harmless(cell.to_owned()), safe, "{cell:?}");
        }
        for plain in ["l’été ; 4 - 5", "Jardin, potager; verger", "a-b", "1 + 1", "", "  ", "e-mail\tx=y"]
        {
            assert_eq!(harmless(plain.to_owned()), plain);
        }
    }
}
