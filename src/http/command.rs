//! Who asks, when, and under which conditions: what a handler needs beside the body.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use diesel::prelude::*;

use super::idempotency::{self, Key, Running};
use super::{ETag, Reply};
use crate::auth::Principal;
use crate::db::{Db, DbConnection};
use crate::error::{Code, Error, Fault, FaultCode, Result};
use crate::types::{Clock, Instant};

/// Who acts, and when.
#[derive(Debug, Clone)]
pub struct Actor {
    pub principal: Principal,
    pub now: Instant,
}

/// A reader: a client, or anyone.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub principal: Option<Principal>,
    pub now: Instant,
}

/// A reader with a token, on operations that need one. Who acts, when nothing is changed.
pub type Reader = Actor;

/// `If-Match` of a request that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// No one has read what was not there: for commands that make something.
    pub const fn absent() -> Self {
        Self(None)
    }

    /// What a line of a batch names, instead of the header.
    pub const fn of(named: Option<String>) -> Self {
        Self(named)
    }

    /// Refuses with 428 when the header is missing and with 412 when it names another version.
    pub fn check(&self, current: &ETag) -> Result<()> {
        match &self.0 {
            None => Err(Error::new(Code::PreconditionRequired)),
            Some(list) if current.is_strongly_in(list) => Ok(()),
            Some(_) => Err(Error::new(Code::PreconditionFailed)),
        }
    }

    /// For what repeats safely by itself: a condition that is sent holds, none is needed.
    pub fn check_if_sent(&self, current: &ETag) -> Result<()> {
        if self.0.is_none() { Ok(()) } else { self.check(current) }
    }

    /// Refuses with 412 when the header is there although nothing exists yet.
    pub fn check_nothing(&self) -> Result<()> {
        if self.0.is_some() { Err(Error::new(Code::PreconditionFailed)) } else { Ok(()) }
    }
}

/// `If-None-Match` of a `PUT` (RFC 9110 §13.1.2): it replaces no version that is named; `*` names each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfNoneMatch(Option<String>);

impl IfNoneMatch {
    pub const fn absent() -> Self {
        Self(None)
    }

    /// Whether the header is there and names the current version; only then its tag is made.
    pub fn names(&self, current: impl FnOnce() -> Result<ETag>) -> Result<bool> {
        match &self.0 {
            None => Ok(false),
            Some(list) => Ok(current()?.is_in(list)),
        }
    }
}

/// The conditions under which a `PUT` makes or replaces.
#[derive(Debug, Clone)]
pub struct Conditions {
    pub if_match: IfMatch,
    pub if_none_match: IfNoneMatch,
}

/// What a `PUT` does to what is there.
pub enum Put<T> {
    /// Nothing is there: it is made.
    Make,
    /// It is there and says the same already: nothing changes.
    Keep(T),
    /// It is there, in the version that was named: it is replaced.
    Replace(T),
}

impl Conditions {
    pub const fn none() -> Self {
        Self { if_match: IfMatch::absent(), if_none_match: IfNoneMatch::absent() }
    }

    /// What the `PUT` of something may do under these conditions: 412 and 428 when nothing.
    pub fn judge<T>(
        &self,
        known: Option<T>,
        is_same: impl FnOnce(&T) -> bool,
        mut etag: impl FnMut(&T) -> Result<ETag>,
    ) -> Result<Put<T>> {
        let Some(known) = known else {
            self.if_match.check_nothing()?;
            return Ok(Put::Make);
        };
        if self.if_none_match.names(|| etag(&known))? {
            return Err(Error::new(Code::PreconditionFailed));
        }
        if is_same(&known) {
            return Ok(Put::Keep(known));
        }
        self.if_match.check(&etag(&known)?)?;
        Ok(Put::Replace(known))
    }
}

/// A request to change something: its actor, its conditions, its idempotency key.
pub struct Command {
    pub actor: Actor,
    pub if_match: IfMatch,
    if_none_match: IfNoneMatch,
    key: Option<Key>,
    target: String,
    running: Running,
    clock: Clock,
}

impl Command {
    pub fn conditions(&self) -> Conditions {
        Conditions { if_match: self.if_match.clone(), if_none_match: self.if_none_match.clone() }
    }

    /// Whether this looks like the retry of a request that was answered: whether it is one is known with its body.
    pub async fn is_retry(&self, db: &Db) -> Result<bool> {
        let Some(key) = self.key.clone() else { return Ok(false) };
        let client = self.actor.principal.client;
        db.read(move |connection| idempotency::is_kept(connection, client, &key)).await
    }

    /// Runs a `POST`: once per idempotency key, whatever the number of retries. `digest` is that of the body.
    pub async fn post<F>(self, db: &Db, digest: &[u8], mut act: F) -> Result<Reply>
    where
        F: FnMut(&mut DbConnection, &Actor) -> Result<Reply> + Send + 'static,
    {
        let Self { mut actor, key, target, running, clock, .. } = self;
        let Some(key) = key else {
            return db
                .write(move |tx| {
                    admit(tx, &mut actor, &clock)?;
                    act(tx, &actor)
                })
                .await;
        };
        let client = actor.principal.client;
        let claim = running.claim(client, &key)?;
        let fingerprint = fingerprint(&target, digest);
        db.write(move |tx| {
            // Held as long as the command runs, even when its client has gone away.
            let _held = &claim;
            admit(tx, &mut actor, &clock)?;
            if let Some(first) = idempotency::find(tx, client, &key, &fingerprint)? {
                return Ok(first);
            }
            idempotency::reserve(tx, client, &key, &fingerprint, actor.now)?;
            let reply = act(tx, &actor)?;
            idempotency::keep(tx, client, &key, &reply)?;
            Ok(reply)
        })
        .await
    }

    /// Runs a `POST` that only asks: nothing is written but its reply, when it has a key.
    pub async fn ask<F>(self, db: &Db, digest: &[u8], mut act: F) -> Result<Reply>
    where
        F: FnMut(&mut DbConnection, &Actor) -> Result<Reply> + Send + 'static,
    {
        if self.key.is_some() {
            return self.post(db, digest, act).await;
        }
        db.read(move |connection| act(connection, &self.actor)).await
    }

    /// Runs a `PUT` or `PATCH`, which are safe to repeat by their conditions.
    pub async fn put<F>(mut self, db: &Db, mut act: F) -> Result<Reply>
    where
        F: FnMut(&mut DbConnection, &Actor) -> Result<Reply> + Send + 'static,
    {
        db.write(move |tx| {
            admit(tx, &mut self.actor, &self.clock)?;
            act(tx, &self.actor)
        })
        .await
    }
}

/// Begins a command: its client is not revoked, and it acts now. Its body may have taken long to arrive, and what others did
/// meanwhile must not look later than what it does.
fn admit(tx: &mut DbConnection, actor: &mut Actor, clock: &Clock) -> Result<()> {
    check_not_revoked(tx, actor)?;
    actor.now = clock.now();
    Ok(())
}

/// A revoked client's tokens write nothing more, however long they are still good for.
fn check_not_revoked(tx: &mut DbConnection, actor: &Actor) -> Result<()> {
    use crate::db::schema::clients::dsl;
    let admitted = dsl::clients.find(actor.principal.client).filter(dsl::revoked_at.is_null());
    if diesel::select(diesel::dsl::exists(admitted)).get_result(tx)? {
        return Ok(());
    }
    let (en, fr) = ("the client has been revoked", "le client a été révoqué");
    Err(Error::new(Code::InvalidToken)
        .detail(en, fr)
        .header("WWW-Authenticate", "Bearer error=\"invalid_token\""))
}

fn fingerprint(target: &str, body: &[u8]) -> String {
    let mut context = Context::new(&SHA256);
    context.update(target.as_bytes());
    context.update(&[0]);
    context.update(body);
    BASE64_URL_SAFE_NO_PAD.encode(context.finish())
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn clock(request: &HttpRequest) -> Result<&Clock> {
    request.app_data::<Data<Clock>>().map(Data::get_ref).ok_or_else(|| Error::internal("no clock"))
}

fn now(request: &HttpRequest) -> Result<Instant> {
    clock(request).map(Clock::now)
}

fn actor(request: &HttpRequest) -> Result<Actor> {
    let principal = request.extensions().get::<Principal>().cloned();
    let principal = principal.ok_or_else(|| Error::new(Code::InvalidToken))?;
    Ok(Actor { principal, now: now(request)? })
}

fn command(request: &HttpRequest) -> Result<Command> {
    let running = request.app_data::<Data<Running>>().ok_or_else(|| Error::internal("no running keys"))?;
    let headers = request.headers();
    Ok(Command {
        actor: actor(request)?,
        if_match: IfMatch(header(headers, &IF_MATCH)),
        if_none_match: IfNoneMatch(header(headers, &IF_NONE_MATCH)),
        key: Key::of(headers)?,
        target: format!("{} {}", request.method(), request.uri()),
        running: running.get_ref().clone(),
        clock: clock(request)?.clone(),
    })
}

impl FromRequest for Command {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(command(request))
    }
}

impl FromRequest for Actor {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(actor(request))
    }
}

impl FromRequest for Viewer {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let principal = request.extensions().get::<Principal>().cloned();
        ready(now(request).map(|now| Self { principal, now }))
    }
}

/// Identifiers in the path, in order. One that is malformed is a fault of that parameter.
pub struct Path<T>(pub T);

fn parameter<T: FromStr>(request: &HttpRequest, place: usize) -> Result<T> {
    let (name, text) =
        request.match_info().iter().nth(place).ok_or_else(|| Error::internal("no such path parameter"))?;
    text.parse().map_err(|_| {
        let fault = Fault::new(name, FaultCode::WrongFormat, "is not well formed", "est mal formé");
        Error::new(Code::InvalidParameter).faults(vec![fault])
    })
}

impl<A: FromStr + 'static> FromRequest for Path<(A,)> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parameter(request, 0).map(|first| Self((first,))))
    }
}

impl<A: FromStr + 'static, B: FromStr + 'static> FromRequest for Path<(A, B)> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parameter(request, 0).and_then(|first| Ok(Self((first, parameter(request, 1)?)))))
    }
}

impl<A: FromStr + 'static, B: FromStr + 'static, C: FromStr + 'static> FromRequest for Path<(A, B, C)> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = || Ok(Self((parameter(request, 0)?, parameter(request, 1)?, parameter(request, 2)?)));
        ready(read())
    }
}
