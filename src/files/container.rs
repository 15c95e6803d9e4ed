//! What an office document in a zip file is, from the names of its parts. The general libraries make room for what the
//! file says it holds; this one reads the directory entry by entry, so that no file decides how much memory it takes.

use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Result, Seek, SeekFrom};

use super::MediaType;

/// Bytes at the end in which the directory's own end stands: its record, and the longest comment.
const TAIL: u64 = 22 + 65_535;
const END_OF_DIRECTORY: [u8; 4] = *b"PK\x05\x06";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// More parts than any document of 20 MiB has a use for.
const MOST_ENTRIES: u16 = 10_000;

/// The kind of document; nothing for any other zip file, and for documents with macros in them.
pub fn look(file: &mut File) -> Result<Option<MediaType>> {
    let open_document = open_document(file)?;
    let parts = Parts::read(&mut BufReader::new(&*file))?;
    if parts.macros {
        return Ok(None);
    }
    Ok(match open_document {
        Some(found) => Some(found).filter(|_| parts.content),
        None => parts.office_open_xml.filter(|_| parts.content_types),
    })
}

/// OpenDocument: the first part is called `mimetype` and says it (ODF 1.2, part 3, §3.3).
fn open_document(file: &mut File) -> Result<Option<MediaType>> {
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    file.take(128).read_to_end(&mut head)?;
    let stored = head.starts_with(&LOCAL) && head.get(8..10) == Some(&[0, 0]);
    if !stored || head.get(30..38) != Some(b"mimetype") || number(&head, 28) != Some(0) {
        return Ok(None);
    }
    let length = number(&head, 18).map_or(0, usize::from);
    let said = head.get(38..38 + length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let documents = [MediaType::Odt, MediaType::Ods, MediaType::Odp];
    Ok(documents.into_iter().find(|one| said == Some(one.as_str())))
}

/// What the names of the parts tell. Offices read them whatever their case: so do we.
#[derive(Default)]
struct Parts {
    /// OpenDocument's content.
    content: bool,
    /// Office Open XML's list of content types.
    content_types: bool,
    /// Whose parts they are, in Office Open XML.
    office_open_xml: Option<MediaType>,
    macros: bool,
}

impl Parts {
    fn read(reader: &mut BufReader<&File>) -> Result<Self> {
        let mut parts = Self::default();
        for _ in 0..find_directory(reader)? {
            parts.add(&entry(reader)?);
        }
        // Some readers go by the count, others by what stands there: both are to find the same.
        let mut next = [0; 4];
        reader.read_exact(&mut next)?;
        if next == ENTRY { Err(malformed()) } else { Ok(parts) }
    }

    fn add(&mut self, name: &[u8]) {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase().replace('\\', "/");
        self.content |= name == "content.xml";
        self.content_types |= name == "[content_types].xml";
        self.macros |= holds_macros(&name);
        let parts = [("word/", MediaType::Docx), ("xl/", MediaType::Xlsx), ("ppt/", MediaType::Pptx)];
        let kind = parts.into_iter().find(|(folder, _)| name.starts_with(folder)).map(|(_, kind)| kind);
        self.office_open_xml = self.office_open_xml.or(kind);
    }
}

/// Visual Basic and Excel 4.0 in Office Open XML; Basic, Python and their like in OpenDocument, whose documents may hold
/// others, each in a folder.
fn holds_macros(name: &str) -> bool {
    let mut folders = name.split('/').rev().skip(1);
    name.ends_with("vbaproject.bin")
        || name.starts_with("xl/macrosheets/")
        || folders.any(|folder| ["basic", "scripts"].contains(&folder))
}

/// Moves to the first entry of the directory, and answers how many there are.
fn find_directory(reader: &mut BufReader<&File>) -> Result<u16> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    reader.by_ref().take(TAIL).read_to_end(&mut tail)?;
    let place = tail.windows(4).rposition(|four| four == END_OF_DIRECTORY).ok_or_else(malformed)?;
    let end = tail.get(place..).unwrap_or_default();
    let entries = number(end, 10).filter(|entries| *entries <= MOST_ENTRIES).ok_or_else(malformed)?;
    reader.seek(SeekFrom::Start(u64::from(long_number(end, 16).ok_or_else(malformed)?)))?;
    Ok(entries)
}

/// Reads one entry: the name of its part.
fn entry(reader: &mut BufReader<&File>) -> Result<Vec<u8>> {
    let mut fixed = [0; 46];
    reader.read_exact(&mut fixed)?;
    if !fixed.starts_with(&ENTRY) {
        return Err(malformed());
    }
    let length = |at: usize| number(&fixed, at).unwrap_or_default();
    let mut name = vec![0; usize::from(length(28))];
    reader.read_exact(&mut name)?;
    reader.seek_relative(i64::from(length(30)) + i64::from(length(32)))?;
    Ok(name)
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long_number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn malformed() -> Error {
    Error::new(ErrorKind::InvalidData, "not a zip file")
}
