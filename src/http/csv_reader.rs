//! Reads a CSV body (RFC 4180) strictly. A quotation mark that is never closed, or closed by one of a later row, would hide
//! the rows between them inside one cell, so the structure of the whole file is checked before any of its rows is used.

use csv::{Reader, ReaderBuilder, StringRecord, Trim};

use crate::error::{Code, Error, Result};
use crate::types::normalize;

/// A CSV file whose rows all have as many cells as its header.
pub struct CsvFile<'a> {
    pub header: StringRecord,
    reader: Reader<&'a [u8]>,
}

impl CsvFile<'_> {
    /// The rows below the header, read one by one. Rows of empty cells, which spreadsheets leave at the end, are left out.
    pub fn rows(self) -> impl Iterator<Item = Result<StringRecord>> {
        let rows = self.reader.into_records().map(|row| row.map_err(Error::internal));
        rows.filter(|row| row.as_ref().map_or(true, |row| row.iter().any(|cell| !normalize(cell).is_empty())))
    }
}

/// Reads UTF-8 text whose cells are separated by commas, or by semicolons where the first line has no comma. A byte-order
/// mark is skipped; blanks around a cell are trimmed. Refused with `malformed-csv` and the line where the fault is.
pub fn read_csv(bytes: &[u8]) -> Result<CsvFile<'_>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let delimiter = if first.contains(&b';') && !first.contains(&b',') { b';' } else { b',' };
    Scanner::new(delimiter).check(bytes)?;
    let mut reader = ReaderBuilder::new().delimiter(delimiter).trim(Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(Error::internal)?.clone();
    Ok(CsvFile { header, reader })
}

/// What is wrong with the structure of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    NotUtf8,
    /// A quoted cell is still open at the end of the file.
    UnclosedQuote,
    /// Text stands between the mark that closes a cell and the next separator.
    TextAfterQuote,
    /// A line inside a quoted cell looks like a row of its own.
    RowInsideQuotes,
    WrongWidth {
        cells: usize,
        expected: usize,
    },
}

/// Where in a cell the scanner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Unquoted,
    Quoted,
    /// Just after a quotation mark inside quotes: it closes the cell, or is the first of two that stand for one.
    QuoteInQuoted,
    /// After the closing mark, only blanks may follow.
    Closed,
}

/// Walks over the bytes of a file, counting lines, cells and separators as the `csv` crate reads them.
struct Scanner {
    delimiter: u8,
    state: State,
    /// Lines as a text editor counts them, from 1: ended by LF, CR LF or CR.
    line: usize,
    /// Rows that are complete, the header among them.
    rows: usize,
    /// Cells of a row, by the header.
    width: Option<usize>,
    cells: usize,
    row_line: usize,
    quote_line: usize,
    /// Separators of the current row, whether they are inside quotes or not.
    in_row: usize,
    /// At the first line break inside quotes before which the row had as many separators as a whole row: how many it had, and
    /// the line where these quotes opened.
    full_at: Option<(usize, usize)>,
    /// Separators of the current line of the file, whether they are inside quotes or not.
    on_line: usize,
    /// If the current line begins inside quotes: the line where they opened, and how many separators they still hold.
    continued: Option<(usize, usize)>,
}

impl Scanner {
    const fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            state: State::CellStart,
            line: 1,
            rows: 0,
            width: None,
            cells: 1,
            row_line: 1,
            quote_line: 1,
            in_row: 0,
            full_at: None,
            on_line: 0,
            continued: None,
        }
    }

    fn check(mut self, bytes: &[u8]) -> Result<()> {
        let valid = std::str::from_utf8(bytes).err().map(|error| error.valid_up_to());
        let text = bytes.get(..valid.unwrap_or(bytes.len())).unwrap_or_default();
        let mut previous = b'\n';
        for byte in text {
            self.read(*byte, previous).map_err(|fault| self.refusal(fault))?;
            previous = *byte;
        }
        if valid.is_some() {
            self.row_line = self.line;
            return Err(self.refusal(Fault::NotUtf8));
        }
        self.finish().map_err(|fault| self.refusal(fault))
    }

    fn read(&mut self, byte: u8, previous: u8) -> std::result::Result<(), Fault> {
        let is_break = matches!(byte, b'\n' | b'\r');
        if byte == b'\n' && previous == b'\r' {
            // The second half of one line break.
            return Ok(());
        }
        if byte == self.delimiter {
            self.in_row += 1;
            self.on_line += 1;
        }
        if is_break {
            self.check_line()?;
        }
        match self.state {
            State::CellStart if byte == b'"' => {
                self.state = State::Quoted;
                self.quote_line = self.line;
            }
            State::Quoted => self.read_quoted(byte, is_break),
            State::QuoteInQuoted if byte == b'"' => self.state = State::Quoted,
            State::QuoteInQuoted | State::Closed if matches!(byte, b' ' | b'\t') => {
                self.state = State::Closed
            }
            State::QuoteInQuoted | State::Closed if byte != self.delimiter && !is_break => {
                return Err(Fault::TextAfterQuote);
            }
            _ if byte == self.delimiter => self.end_cell(),
            _ if is_break => self.end_row()?,
            _ => self.state = State::Unquoted,
        }
        if is_break {
            self.end_line();
        }
        Ok(())
    }

    fn end_line(&mut self) {
        self.continued = (self.state == State::Quoted).then_some((self.quote_line, 0));
        self.line += 1;
        self.on_line = 0;
        if self.state == State::CellStart {
            self.row_line = self.line;
        }
    }

    /// Refuses a line that begins inside quotes, has separators there, and as many in all as a row.
    fn check_line(&mut self) -> std::result::Result<(), Fault> {
        match self.continued {
            Some((quote_line, inside)) if inside > 0 && self.on_line >= self.separators() => {
                self.quote_line = quote_line;
                Err(Fault::RowInsideQuotes)
            }
            _ => Ok(()),
        }
    }

    fn read_quoted(&mut self, byte: u8, is_break: bool) {
        if byte == b'"' {
            self.state = State::QuoteInQuoted;
        } else if is_break {
            if self.in_row >= self.separators() {
                self.full_at.get_or_insert((self.in_row, self.quote_line));
            }
        } else if byte == self.delimiter
            && let Some((quote_line, inside)) = &mut self.continued
            && *quote_line == self.quote_line
        {
            *inside += 1;
        }
    }

    /// Separators of a row, by the header.
    fn separators(&self) -> usize {
        self.width.map_or(usize::MAX, |width| width.saturating_sub(1).max(1))
    }

    fn end_cell(&mut self) {
        self.state = State::CellStart;
        self.cells += 1;
    }

    fn end_row(&mut self) -> std::result::Result<(), Fault> {
        let is_blank = self.state == State::CellStart && self.cells == 1;
        let (cells, expected) = (self.cells, *self.width.get_or_insert(self.cells));
        (self.state, self.cells) = (State::CellStart, 1);
        let (in_row, full_at) = (std::mem::take(&mut self.in_row), self.full_at.take());
        if is_blank {
            if self.rows == 0 {
                self.width = None;
            }
            return Ok(());
        }
        if let Some((before, quote_line)) = full_at
            && in_row - before >= self.separators()
        {
            // Two rows, of which the first opened the quotes and the second closed them.
            self.quote_line = quote_line;
            return Err(Fault::RowInsideQuotes);
        }
        if cells != expected {
            return Err(Fault::WrongWidth { cells, expected });
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(&mut self) -> std::result::Result<(), Fault> {
        self.check_line()?;
        if self.state == State::Quoted { Err(Fault::UnclosedQuote) } else { self.end_row() }
    }

    fn refusal(&self, fault: Fault) -> Error {
        let line = match fault {
            Fault::UnclosedQuote | Fault::TextAfterQuote | Fault::RowInsideQuotes => self.quote_line,
            Fault::NotUtf8 | Fault::WrongWidth { .. } => self.row_line,
        };
        let read = self.rows.saturating_sub(1);
        let (en, fr) = describe(fault);
        let rows =
            if read == 1 { ("row was", "ligne a été lue") } else { ("rows were", "lignes ont été lues") };
        let rows = if read == 0 { (rows.0, "ligne n’a été lue") } else { rows };
        Error::new(Code::MalformedCsv)
            .detail(
                format!(
                    "Line {line} of the file: {en} {read} {} read before it, and nothing was changed.",
                    rows.0
                ),
                format!(
                    "Ligne {line} du fichier : {fr} {read} {} avant elle ; rien n’a été modifié.",
                    rows.1
                ),
            )
            .with("line", line)
            .with("recordsRead", read)
    }
}

fn describe(fault: Fault) -> (String, String) {
    let (en, fr) = match fault {
        Fault::NotUtf8 => (
            "the text is not UTF-8. Save the file as UTF-8.",
            "le texte n’est pas en UTF-8. Enregistrez le fichier en UTF-8.",
        ),
        Fault::UnclosedQuote => (
            "the quotation mark that opens a cell here is never closed.",
            "le guillemet qui ouvre une cellule ici n’est jamais refermé.",
        ),
        Fault::TextAfterQuote => (
            "a cell in quotation marks opens here, and text follows the mark that closes it. Double the quotation marks \
             inside a cell.",
            "une cellule entre guillemets s’ouvre ici et du texte suit le guillemet qui la ferme. Doublez les guillemets à \
             l’intérieur d’une cellule.",
        ),
        Fault::RowInsideQuotes => (
            "the cell in quotation marks that opens here holds a line with as many separators as a row, so a quotation mark \
             may be missing. Close it, or write the text of the cell on one line.",
            "la cellule entre guillemets qui s’ouvre ici contient une ligne qui a autant de séparateurs qu’une ligne du \
             tableau : un guillemet manque peut-être. Fermez-le, ou écrivez le texte de la cellule sur une seule ligne.",
        ),
        Fault::WrongWidth { cells, expected } => {
            let (many, plural) = if cells == 1 { ("cell", "cellule") } else { ("cells", "cellules") };
            return (
                format!("the row has {cells} {many}, the header has {expected}."),
                format!("la ligne a {cells} {plural}, l’en-tête en a {expected}."),
            );
        }
    };
    (en.to_owned(), fr.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The line of the fault and the rows read before it.
    fn fault(text: &str) -> (u64, u64) {
        let error = read_csv(text.as_bytes()).err().expect(text);
        assert_eq!(error.code(), Code::MalformedCsv);
        let number = |name: &str| error.extensions().get(name).and_then(serde_json::Value::as_u64).unwrap();
        (number("line"), number("recordsRead"))
    }

    fn rows(text: &str) -> Vec<StringRecord> {
        read_csv(text.as_bytes()).unwrap().rows().map(Result::unwrap).collect()
    }

    #[test]
    fn open_quote_is_refused_with_its_line() {
        assert_eq!(fault("a;b;c\n1;2;\"x\n4;5;6\n"), (2, 0), "a line inside is a row");
        assert_eq!(fault("a;b;c\n1;2;3\n4;5;\"x\n"), (3, 1), "never closed");
        assert_eq!(fault("a;b;c\n1;2;\"x\n4;5;6\n7;8;\"y\n"), (2, 0), "closed two rows later");
        assert_eq!(fault("a;b;c\n1;2;\"x\n7;8;\"y\n"), (2, 0), "closed by the next row");
        assert_eq!(fault("a;b;c\n1;\"x;3\n4;y\";6\n"), (2, 0), "closed in the middle of the next row");
        assert_eq!(fault("a;b;c\n1;2;\"x\n4;y\";\"6\n7\"\n"), (2, 0), "before a cell of several lines");
        assert_eq!(fault("a;b;c\n1;\"2\n3\";\"x\n4;y\";6\n"), (3, 0), "after a cell of several lines");
        assert_eq!(fault("a;b;c\n1;\"x\n4;5;x\";6\n"), (2, 0), "after a row that is one cell short");
        assert_eq!(
            fault("a;b;c\n1;\"x\ny;2\n4;x\ny\";5\n"),
            (2, 0),
            "a closing and an opening mark forgotten"
        );
        assert_eq!(fault("a,b\n1,\"x\" y\n"), (2, 0), "text after the closing mark");
        assert_eq!(fault("a,\"b\n"), (1, 0), "in the header");
    }

    #[test]
    fn lines_are_counted_under_every_line_break() {
        for end in ["\n", "\r\n", "\r"] {
            let lines = ["a;b;c", "1;2;\"two", "lines\"", "", "1;2;3", "4;5"];
            assert_eq!(fault(&lines.join(end)), (6, 2), "{end:?}");
        }
        assert_eq!(fault("a,b\n1,2\n3\n"), (3, 1));
        let error = read_csv(b"a,b\n1,2\n3,\xff\n").err().unwrap();
        assert_eq!(error.extensions()["line"], 3);
    }

    #[test]
    fn quoted_cells_hold_what_they_should() {
        let text = "\u{feff}a;b;c\r\n 1 ;\"two; of\r\nthem\";\"say \"\"no\"\"\" \r\n;;\r\n";
        assert_eq!(read_csv(text.as_bytes()).unwrap().header, vec!["a", "b", "c"]);
        assert_eq!(rows(text), [vec!["1", "two; of\r\nthem", "say \"no\""]]);
    }

    proptest! {
        #[test]
        fn accepted_files_read_as_the_csv_crate_reads_them(text in "[a;,\"\r\n ]{0,40}") {
            if let Ok(file) = read_csv(text.as_bytes()) {
                let width = file.header.len();
                prop_assert!(file.rows().all(|row| row.unwrap().len() == width));
            }
        }

        /// Rows of four cells, some of several lines, and a mark that was forgotten in each of two of them.
        #[test]
        fn two_orphan_quotes_never_hide_a_row(
            cells in prop::collection::vec(prop::array::uniform4(0_usize..3), 2..6),
            first in (any::<prop::sample::Index>(), 0_usize..4, any::<bool>()),
            second in (any::<prop::sample::Index>(), 0_usize..4, any::<bool>()),
        ) {
            let mut rows: Vec<Vec<String>> = cells
                .iter()
                .map(|row| row.iter().map(|kind| ["x", "\"y; z\"", "\"u\nv\""][*kind].to_owned()).collect())
                .collect();
            for (row, cell, is_before) in [first, second] {
                let row = row.index(rows.len());
                rows[row][cell] = if is_before { "\"w".to_owned() } else { "w\"".to_owned() };
            }
            let count = rows.len();
            let lines: Vec<String> = rows.iter().map(|row| row.join(";")).collect();
            let text = format!("a;b;c;d\n{}\n", lines.join("\n"));
            if let Ok(file) = read_csv(text.as_bytes()) {
                prop_assert_eq!(file.rows().count(), count, "{}", text);
            }
        }

        #[test]
        fn a_written_table_is_read_back(rows in prop::collection::vec(prop::array::uniform4("[a\"\n]{0,6}"), 1..6)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["a", "b", "c", "d"]).unwrap();
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let written = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let trimmed = rows.iter().map(|row| row.clone().map(|cell| cell.trim().to_owned()));
            let filled = trimmed.filter(|row| row.iter().any(|cell| !cell.is_empty()));
            let expected: Vec<StringRecord> = filled.map(|row| row.to_vec().into()).collect();
            prop_assert_eq!(self::rows(&written), expected);
        }
    }
}
