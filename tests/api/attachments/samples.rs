//! The smallest files of each kind.

/// A PDF that says so, padded to a size.
pub fn pdf(size: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend((bytes.len()..size).map(|place| u8::try_from(place * 31 % 251).unwrap()));
    bytes
}

/// A zip file of parts that are stored as they are.
pub fn zip(parts: &[(&str, &str)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let offset = u32::try_from(file.len()).unwrap().to_le_bytes();
        let size = u32::try_from(content.len()).unwrap().to_le_bytes();
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        // Version, flags, method, time, date: all as plain as can be. No checksum: nobody unpacks it.
        let shared =
            [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &size[..], &size, &length, &[0, 0]].concat();
        file.extend([b"PK\x03\x04", &shared[..], name.as_bytes(), content.as_bytes()].concat());
        directory.extend([b"PK\x01\x02", &[20, 0][..], &shared, &[0; 10], &offset, name.as_bytes()].concat());
    }
    let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
    let (size, offset) = (u32::try_from(directory.len()).unwrap(), u32::try_from(file.len()).unwrap());
    let end =
        [b"PK\x05\x06", &[0; 4][..], &count, &count, &size.to_le_bytes(), &offset.to_le_bytes(), &[0, 0]];
    [file, directory, end.concat()].concat()
}

const ODT: &str = "application/vnd.oasis.opendocument.text";
const TYPES: (&str, &str) = ("[Content_Types].xml", "<Types/>");

pub fn docx() -> Vec<u8> {
    zip(&[TYPES, ("_rels/.rels", "<Relationships/>"), ("word/document.xml", "<document/>")])
}

/// A document with one more part.
pub fn docx_with(part: &str) -> Vec<u8> {
    zip(&[TYPES, ("word/document.xml", "<document/>"), (part, "Sub Evil")])
}

pub fn xlsx_with(part: &str) -> Vec<u8> {
    zip(&[TYPES, ("xl/workbook.xml", "<workbook/>"), (part, "=EXEC(\"evil\")")])
}

pub fn odt_with(part: &str) -> Vec<u8> {
    zip(&[("mimetype", ODT), ("content.xml", "<content/>"), (part, "Sub Evil")])
}

pub fn xlsx() -> Vec<u8> {
    zip(&[TYPES, ("xl/workbook.xml", "<workbook/>")])
}

pub fn pptx() -> Vec<u8> {
    zip(&[TYPES, ("ppt/presentation.xml", "<presentation/>")])
}

pub fn open_document(media_type: &str) -> Vec<u8> {
    zip(&[("mimetype", media_type), ("content.xml", "<content/>")])
}

/// What Word 97 and Excel 97 write.
pub fn compound() -> Vec<u8> {
    let mut bytes = vec![0; 4 * 512];
    bytes[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    bytes[26] = 3;
    bytes[48] = 1;
    bytes
}

/// Every media type that is taken, how such a file's name ends, and the smallest such file.
pub fn of_each_type() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (microsoft, oasis) =
        ("application/vnd.openxmlformats-officedocument", "application/vnd.oasis.opendocument");
    let mut webp = b"RIFF\x24\0\0\0WEBPVP8 ".to_vec();
    webp.extend([0; 20]);
    let leaked = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    vec![
        ("application/pdf", "pdf", pdf(100)),
        ("image/png", "png", [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &[0; 20]].concat()),
        ("image/jpeg", "jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9".to_vec()),
        ("image/webp", "webp", webp),
        (leaked(format!("{microsoft}.wordprocessingml.document")), "docx", docx()),
        (leaked(format!("{microsoft}.spreadsheetml.sheet")), "xlsx", xlsx()),
        (leaked(format!("{microsoft}.presentationml.presentation")), "pptx", pptx()),
        (leaked(format!("{oasis}.text")), "odt", open_document(&format!("{oasis}.text"))),
        (leaked(format!("{oasis}.spreadsheet")), "ods", open_document(&format!("{oasis}.spreadsheet"))),
        (leaked(format!("{oasis}.presentation")), "odp", open_document(&format!("{oasis}.presentation"))),
    ]
}
