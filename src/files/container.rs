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
    match open_document(file)? {
        Some(found) => Ok(Some(found)),
        None => office_open_xml(file),
    }
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

/// Office Open XML: a list of content types, and the parts of one application.
fn office_open_xml(file: &mut File) -> Result<Option<MediaType>> {
    let mut reader = BufReader::new(&*file);
    let entries = find_directory(&mut reader)?;
    let (mut has_types, mut found) = (false, None);
    for _ in 0..entries {
        let name = entry(&mut reader)?;
        has_types |= name == b"[Content_Types].xml";
        if name.ends_with(b"vbaProject.bin") {
            return Ok(None);
        }
        let parts =
            [(b"word/".as_slice(), MediaType::Docx), (b"xl/", MediaType::Xlsx), (b"ppt/", MediaType::Pptx)];
        let kind = parts.into_iter().find(|(folder, _)| name.starts_with(folder)).map(|(_, kind)| kind);
        found = found.or(kind);
    }
    Ok(found.filter(|_| has_types))
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
