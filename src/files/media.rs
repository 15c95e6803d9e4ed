//! The media types that are kept, and whether the bytes are what they say.

use std::fs::File;
use std::io::{Seek, SeekFrom};

use actix_web::web::block;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use file_format::FileFormat;

use super::container;
use crate::words;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum MediaType {
    Pdf,
    Png,
    Jpeg,
    Webp,
    Docx,
    Xlsx,
    Pptx,
    Odt,
    Ods,
    Odp,
}

words!(MediaType {
    Pdf = "application/pdf",
    Png = "image/png",
    Jpeg = "image/jpeg",
    Webp = "image/webp",
    Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    Odt = "application/vnd.oasis.opendocument.text",
    Ods = "application/vnd.oasis.opendocument.spreadsheet",
    Odp = "application/vnd.oasis.opendocument.presentation",
});

impl MediaType {
    /// How the names of such files end.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Webp => &["webp"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
            Self::Odt => &["odt"],
            Self::Ods => &["ods"],
            Self::Odp => &["odp"],
        }
    }

    /// Whether a file may be called so: who opens what was downloaded goes by the end of its name.
    pub fn is_named(self, file_name: &str) -> bool {
        let ending = file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| self.extensions().contains(&ending.as_str()))
    }

    /// What the bytes of a file show it to be; nothing when it is none of these, or when what reads it fails.
    pub(super) async fn sniff(file: &File) -> Option<Self> {
        let mut file = file.try_clone().ok()?;
        // What reads a stranger's bytes may fail in any way, panic included: then they are not what they say.
        block(move || look(&mut file)).await.ok().flatten()
    }
}

fn look(file: &mut File) -> Option<MediaType> {
    file.seek(SeekFrom::Start(0)).ok()?;
    match FileFormat::from_reader(&*file).ok()? {
        FileFormat::PortableDocumentFormat => Some(MediaType::Pdf),
        FileFormat::PortableNetworkGraphics => Some(MediaType::Png),
        FileFormat::JointPhotographicExpertsGroup => Some(MediaType::Jpeg),
        FileFormat::Webp => Some(MediaType::Webp),
        FileFormat::Zip => container::look(file).ok().flatten(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_as_its_type_does() {
        assert!(MediaType::Pdf.is_named("Statuts.PDF") && MediaType::Jpeg.is_named("a.b.jpeg"));
        for wrong in ["pdf", "a.pdf.exe", "a.docx", "a.pdf "] {
            assert!(!MediaType::Pdf.is_named(wrong), "{wrong}");
        }
    }
}
