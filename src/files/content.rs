//! The bytes of a file on their way out.

use std::fmt;

use actix_web::web::Bytes;
use futures_util::stream::{BoxStream, Stream};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A file that is being read, part by part.
pub struct Content {
    pub size: u64,
    pub(super) parts: BoxStream<'static, object_store::Result<Bytes>>,
}

impl Stream for Content {
    type Item = object_store::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.parts.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.size)
    }
}
