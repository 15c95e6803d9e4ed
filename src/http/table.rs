//! Tables after RFC 4180: comma, UTF-8, amounts with a point, no cell that a spreadsheet would run.

use std::io::Write;

use csv::{Writer, WriterBuilder};

use crate::error::{Error, Result};

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

/// A cell that a spreadsheet would run as a formula gets an apostrophe before it, and so does what follows a mark at which
/// some spreadsheets begin another cell, French ones at a semicolon.
fn harmless(cell: String) -> String {
    let is_formula =
        |part: &str| part.trim_start_matches(['"', ' ']).starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !cell.split(SPLITS).any(is_formula) {
        return cell;
    }
    let mut told = String::with_capacity(cell.len() + 1);
    for part in cell.split_inclusive(SPLITS) {
        if is_formula(part) {
            told.push('\'');
        }
        told.push_str(part);
    }
    told
}

/// Where spreadsheets may begin another cell, or another row.
const SPLITS: [char; 2] = [';', '\n'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_only_text() {
        let rows = [vec!["=1+1".to_owned(), "a, \"b\"".to_owned()]];
        let text = table(&["one", "other"], rows.into_iter()).unwrap();
        assert_eq!(text, "one,other\n'=1+1,\"a, \"\"b\"\"\"\n");
        for (cell, told) in [
            ("Atelier;=cmd|' /C calc'!A1", "Atelier;'=cmd|' /C calc'!A1"),
            ("a\n@b", "a\n'@b"),
            ("a; \"+1", "a;' \"+1"),
            ("l’été ; 4 - 5", "l’été ; 4 - 5"),
        ] {
            assert_eq!(harmless(cell.to_owned()), told);
        }
    }
}
