//! Receiving bodies, within the limits of their size, of time, and of what all requests hold at once.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;

use crate::auth::Principal;
use crate::error::{Code, Error, Result};
use crate::limits::{Budget, Pace, Reservation};

/// What each body has without reserving it, in bytes.
const FREE: usize = 8 * 1_024;
/// The largest form, in bytes. It may come from anyone.
const FORM_LIMIT: usize = FREE;
/// By how much the reservation of a body without a length grows, in bytes.
const STEP: usize = 64 * 1_024;

/// The bytes that bodies may hold at once: so many in all, a quarter of them of one client. Of each body the first 8 KiB are
/// not counted, which connections bound: forms for tokens and single pushes are received whatever others send.
#[derive(Clone)]
pub struct BodyMemory(Budget);

impl BodyMemory {
    pub fn new(bytes: usize) -> Self {
        Self(Budget::new(bytes, bytes / 4))
    }
}

/// Receives the whole body. What it takes stays reserved until the request is answered.
pub(super) fn receive(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<Vec<u8>>> + use<> {
    let mut payload = payload.take();
    let request = request.clone();
    async move {
        let announced = announced_length(&request);
        if announced > limit {
            return Err(too_large(limit));
        }
        let mut reservation = reserve(&request, announced)?;
        let mut bytes = Vec::with_capacity(announced);
        let mut pace = Pace::start();
        while let Some(chunk) = pace.next(&mut payload).await? {
            let length = bytes.len() + chunk.len();
            if length > limit {
                return Err(too_large(limit));
            }
            let missing = length.saturating_sub(FREE + reservation.amount());
            if missing > 0 && !reservation.grow(missing.max(STEP.min(limit - length))) {
                return Err(Error::busy());
            }
            bytes.extend_from_slice(&chunk);
        }
        request.extensions_mut().insert(reservation);
        Ok(bytes)
    }
}

/// The length that the request announces; 0 when it announces none.
fn announced_length(request: &HttpRequest) -> usize {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.map_or(0, |length| length.parse().unwrap_or(usize::MAX))
}

fn reserve(request: &HttpRequest, length: usize) -> Result<Reservation> {
    let memory =
        request.app_data::<Data<BodyMemory>>().ok_or_else(|| Error::internal("no memory for bodies"))?;
    let client = request.extensions().get::<Principal>().map(|principal| principal.client);
    memory.0.reserve(client, length.saturating_sub(FREE)).ok_or_else(Error::busy)
}

fn too_large(limit: usize) -> Error {
    let limit = limit / 1024;
    Error::new(Code::PayloadTooLarge)
        .detail(format!("the limit is {limit} KiB"), format!("la limite est de {limit} Kio"))
}

/// The text of a form (`application/x-www-form-urlencoded`), of at most 8 KiB.
pub struct FormText(pub Vec<u8>);

impl FromRequest for FormText {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = receive(request, payload, FORM_LIMIT);
        Box::pin(async move { bytes.await.map(Self) })
    }
}
