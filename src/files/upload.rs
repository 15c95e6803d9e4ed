//! A file on its way in. It is kept in a file without a name, which vanishes with the process, until it is known whole.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, block};
use aws_lc_rs::digest::{Context, SHA256};
use futures_util::Stream;

use super::MediaType;
use crate::error::{Code, Error, Fault, FaultCode, Result};
use crate::limits::{Pace, Reservation};

/// The largest file, in bytes: 20 MiB.
pub const LARGEST: u64 = 20 * 1_048_576;
/// What is gathered before it is written.
const CHUNK: usize = 128 * 1_024;

/// A file that was received whole, and is what it says.
#[derive(Debug)]
pub struct Upload {
    pub(super) file: File,
    pub size: u64,
    /// SHA-256 of the bytes.
    pub digest: Vec<u8>,
    /// Reserved as long as it is on the disk.
    _place: Reservation,
}

impl Upload {
    /// The SHA-256 in hexadecimal.
    pub fn sha256(&self) -> String {
        self.digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Receives a body into a file without a name in `folder`, and holds it to its media type.
    pub(super) async fn receive<S>(
        folder: PathBuf,
        media_type: MediaType,
        body: S,
        place: Reservation,
    ) -> Result<Self>
    where
        S: Stream<Item = std::result::Result<Bytes, PayloadError>> + Unpin,
    {
        let upload = gather(folder, body, place).await?;
        if upload.size == 0 {
            let (en, fr) = ("the file is empty", "le fichier est vide");
            return Err(Error::invalid(vec![Fault::new("", FaultCode::TooShort, en, fr)]));
        }
        match MediaType::sniff(&upload.file).await {
            Some(found) if found == media_type => Ok(upload),
            found => Err(a_lie(media_type, found)),
        }
    }

    /// The file from its beginning, part by part.
    pub(super) async fn rewind(&mut self) -> Result<()> {
        let mut file = self.file.try_clone().map_err(Error::unavailable)?;
        block(move || file.seek(SeekFrom::Start(0)))
            .await
            .map_err(Error::internal)?
            .map_err(Error::unavailable)?;
        Ok(())
    }

    /// The next part, of `length` bytes but for the last.
    pub(super) async fn part(&mut self, length: u64) -> Result<Bytes> {
        let file = self.file.try_clone().map_err(Error::unavailable)?;
        let room = usize::try_from(length.min(self.size)).map_err(Error::internal)?;
        let read = block(move || {
            let mut part = Vec::with_capacity(room);
            file.take(length).read_to_end(&mut part).map(|_| Bytes::from(part))
        });
        read.await.map_err(Error::internal)?.map_err(Error::unavailable)
    }
}

/// What has arrived so far.
struct Arrival {
    file: File,
    context: Context,
}

impl Arrival {
    /// Writes what was gathered, off the event loop; answers with the emptied room for more.
    async fn write(mut self, mut gathered: Vec<u8>) -> Result<(Self, Vec<u8>)> {
        let written = block(move || {
            self.file.write_all(&gathered)?;
            self.context.update(&gathered);
            gathered.clear();
            Ok::<_, std::io::Error>((self, gathered))
        });
        written.await.map_err(Error::internal)?.map_err(Error::unavailable)
    }
}

async fn gather<S>(folder: PathBuf, mut body: S, place: Reservation) -> Result<Upload>
where
    S: Stream<Item = std::result::Result<Bytes, PayloadError>> + Unpin,
{
    let file = block(move || tempfile::tempfile_in(folder)).await.map_err(Error::internal)?;
    let mut arrival = Arrival { file: file.map_err(Error::unavailable)?, context: Context::new(&SHA256) };
    let (mut size, mut gathered) = (0, Vec::with_capacity(CHUNK));
    let mut pace = Pace::start();
    while let Some(bytes) = pace.next(&mut body).await? {
        size += u64::try_from(bytes.len()).map_err(Error::internal)?;
        if size > LARGEST {
            return Err(too_large());
        }
        gathered.extend_from_slice(&bytes);
        if gathered.len() >= CHUNK {
            (arrival, gathered) = arrival.write(gathered).await?;
        }
    }
    let (Arrival { file, context }, _) = arrival.write(gathered).await?;
    Ok(Upload { file, size, digest: context.finish().as_ref().to_vec(), _place: place })
}

/// Refuses what is larger than any file may be.
pub(super) fn too_large() -> Error {
    let limit = LARGEST / 1_048_576;
    Error::new(Code::PayloadTooLarge)
        .detail(format!("the limit is {limit} MiB"), format!("la limite est de {limit} Mio"))
}

fn a_lie(said: MediaType, found: Option<MediaType>) -> Error {
    let (en, fr) = match found {
        Some(found) => {
            (format!("the file is {found}, not {said}"), format!("le fichier est {found}, et non {said}"))
        }
        None => (format!("the file is not {said}"), format!("le fichier n’est pas {said}")),
    };
    Error::new(Code::UnsupportedMediaType).detail(en, fr)
}
