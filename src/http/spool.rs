//! A long answer, written out before it is sent: its tag and its length are known, memory holds little of it, and a slow
//! reader keeps no snapshot of the database open.

use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use actix_web::body::{BoxBody, SizedStream};
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG};
use actix_web::web::{Bytes, block};
use actix_web::{HttpRequest, HttpResponse, Responder};
use aws_lc_rs::digest::{Context, SHA256};
use futures_util::stream;
use tempfile::{SpooledTempFile, spooled_tempfile_in};

use super::ETag;
use crate::error::{Error, Result};

/// What is held in memory; the rest goes to a file without a name.
const IN_MEMORY: usize = 512 * 1_024;
/// What is read, hashed and sent at once.
const PART: usize = 64 * 1_024;

/// A place to write a long answer to.
pub struct Spool(BufWriter<Hashed>);

struct Hashed {
    file: SpooledTempFile,
    digest: Context,
    size: u64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.file.write(bytes)?;
        let written = bytes.get(..count).unwrap_or_default();
        self.digest.update(written);
        self.size += u64::try_from(count).unwrap_or_default();
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Spool {
    /// A spool whose longer part is a file without a name in this folder.
    pub fn within(folder: &Path) -> Self {
        let file = spooled_tempfile_in(IN_MEMORY, folder);
        Self(BufWriter::with_capacity(PART, Hashed { file, digest: Context::new(&SHA256), size: 0 }))
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Spool {
    /// The answer, ready to be sent; under a name, for those who save it.
    pub fn finish(self, media_type: &'static str, file_name: Option<&str>) -> Result<Spooled> {
        let Hashed { mut file, digest, size } =
            self.0.into_inner().map_err(|cause| Error::internal(cause.error()))?;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        Ok(Spooled {
            file,
            size,
            etag: ETag::of_digest(&digest.finish()),
            media_type,
            disposition: file_name.map(|name| format!("attachment; filename=\"{name}\"")),
        })
    }
}

/// A long answer, ready to be sent.
pub struct Spooled {
    file: SpooledTempFile,
    size: u64,
    etag: ETag,
    media_type: &'static str,
    disposition: Option<String>,
}

/// The next part of a file; none at its end.
fn part(mut file: SpooledTempFile) -> std::io::Result<Option<(Bytes, SpooledTempFile)>> {
    let mut bytes = vec![0; PART];
    let count = file.read(&mut bytes)?;
    bytes.truncate(count);
    Ok((count > 0).then(|| (Bytes::from(bytes), file)))
}

impl Responder for Spooled {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        if self.etag.is_known_to(request) {
            return HttpResponse::NotModified().insert_header((ETAG, self.etag.quoted())).finish();
        }
        let parts = stream::try_unfold(self.file, |file| async {
            block(|| part(file)).await.map_err(std::io::Error::other)?
        });
        let mut response = HttpResponse::Ok();
        response.insert_header((CONTENT_TYPE, self.media_type)).insert_header((ETAG, self.etag.quoted()));
        if let Some(disposition) = self.disposition {
            response.insert_header((CONTENT_DISPOSITION, disposition));
        }
        response.body(SizedStream::new(self.size, parts))
    }
}
