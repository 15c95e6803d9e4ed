//! Bodies: read within limits, held to their published schema, then to the rules between their fields; every fault
//! is told at once.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use aws_lc_rs::digest::{SHA256, digest};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::body::receive;
use super::shape::Shape;
use super::{Specification, json};
use crate::error::{Code, Error, Fault, FaultCode, Result, all_right};
use crate::types::{Text, normalize};

/// The largest JSON body, in bytes.
const LIMIT: usize = 1_048_576;

/// A body that fits its schema and its rules.
pub struct Valid<T> {
    pub value: T,
    /// SHA-256 of the bytes received.
    pub digest: Vec<u8>,
}

impl<T: DeserializeOwned + ToSchema + Validate + 'static> FromRequest for Valid<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let shape = shape::<T>(request);
        let body = receive_json(request, payload);
        Box::pin(async move {
            let (value, digest) = body.await?;
            Ok(Self { value: typed(&*shape?, value)?, digest })
        })
    }
}

/// A JSON merge patch (RFC 7396) of a `T`: what is absent stays, what is null goes, the rest is replaced. The merged
/// whole is held to the same rules as a `T` that is sent in full.
pub struct Patch<T> {
    patch: Value,
    shape: Arc<Shape>,
    whole: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned + Validate> Patch<T> {
    /// `current` with the patch merged in.
    pub fn apply(&self, current: &T) -> Result<T> {
        let mut merged = serde_json::to_value(current).map_err(Error::internal)?;
        if self.patch.as_object().is_some_and(serde_json::Map::is_empty) {
            let fault = Fault::new("", FaultCode::TooFew, "changes nothing", "ne change rien");
            return Err(Error::invalid(vec![fault]));
        }
        let mut patch = self.patch.clone();
        let mut faults = Vec::new();
        if let Some(members) = patch.as_object_mut() {
            members.retain(|name, _| {
                let known = merged.get(name).is_some();
                if !known {
                    let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
                    let (en, fr) = ("is not known here", "n’est pas connu ici");
                    faults.push(Fault::new(pointer, FaultCode::UnknownField, en, fr));
                }
                known
            });
        }
        json_patch::merge(&mut merged, &patch);
        match typed(&self.shape, merged) {
            Err(error) if error.code() == Code::ValidationFailed => {
                faults.extend_from_slice(error.fault_list());
                Err(Error::invalid(faults))
            }
            outcome => {
                all_right(faults)?;
                outcome
            }
        }
    }
}

impl<T: ToSchema + 'static> FromRequest for Patch<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let shape = shape::<T>(request);
        let body = receive_json(request, payload);
        Box::pin(async move {
            let (patch, _) = body.await?;
            if !patch.is_object() {
                let fault = Fault::new("", FaultCode::WrongType, "must be an object", "doit être un objet");
                return Err(Error::invalid(vec![fault]));
            }
            Ok(Self { patch, shape: shape?, whole: PhantomData })
        })
    }
}

pub(super) fn shape<T: ToSchema>(request: &HttpRequest) -> Result<Arc<Shape>> {
    let specification =
        request.app_data::<Data<Specification>>().ok_or_else(|| Error::internal("no specification"))?;
    specification.shape(&T::name())
}

/// Receives a body and reads it as JSON; with it comes the SHA-256 of its bytes.
fn receive_json(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<(Value, Vec<u8>)>> + use<> {
    let bytes = receive(request, payload, LIMIT);
    async move {
        let bytes = bytes.await?;
        let value = json::parsed(&bytes)?;
        Ok((value, digest(&SHA256, &bytes).as_ref().to_vec()))
    }
}

/// The value as what its schema says, its texts normalized, held to the rules between its fields.
pub(super) fn typed<T: DeserializeOwned + Validate>(shape: &Shape, mut value: Value) -> Result<T> {
    normalize_texts(&mut value);
    all_right(shape.faults(&value))?;
    let typed: T = serde_json::from_value(value)
        .map_err(|cause| Error::new(Code::ValidationFailed).detail(cause.to_string(), cause.to_string()))?;
    checked(typed)
}

/// Normalizes every text of a body, so that two that look the same are the same.
fn normalize_texts(value: &mut Value) {
    match value {
        Value::String(text) => *text = normalize(text),
        Value::Array(items) => items.iter_mut().for_each(normalize_texts),
        Value::Object(members) => members.values_mut().for_each(normalize_texts),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Holds a value to the rules between its fields.
pub fn checked<T: Validate>(value: T) -> Result<T> {
    value.validate().map_err(|errors| {
        let mut faults = Vec::new();
        flatten("", &errors, &mut faults);
        Error::invalid(faults)
    })?;
    Ok(value)
}

type Verdict = std::result::Result<(), ValidationError>;

/// A fault between fields, for `#[validate(schema(function = …))]`. `field` is the pointer below the struct.
pub fn fault(field: impl Into<String>, code: FaultCode, text: Text) -> ValidationError {
    all_of(vec![Fault { pointer: field.into(), code, detail: text }])
}

/// What a rule of `validator` answers when it found these faults.
pub fn verdict(faults: Vec<Fault>) -> Verdict {
    if faults.is_empty() { Ok(()) } else { Err(all_of(faults)) }
}

/// Several faults in one error.
fn all_of(faults: Vec<Fault>) -> ValidationError {
    let rows =
        faults.into_iter().map(|one| [one.pointer, one.code.slug().to_owned(), one.detail.en, one.detail.fr]);
    let mut error = ValidationError::new("faults");
    error.add_param(Cow::Borrowed("faults"), &rows.collect::<Vec<_>>());
    error
}

/// Refuses an end that is not after its beginning; `field` is the pointer of the end.
pub fn ordered<T: PartialOrd>(field: &str, start: T, end: T) -> Verdict {
    if start < end {
        return Ok(());
    }
    let text = Text::new("must be after the beginning", "doit être postérieur au début");
    Err(fault(field, FaultCode::PeriodOrder, text))
}

/// Refuses a list in which two items have the same key; `member` is the key's name, empty for plain items.
pub fn unique<T: Ord>(field: &str, member: &str, keys: impl Iterator<Item = T>) -> Verdict {
    verdict(duplicates(field, member, keys))
}

/// The items of a list whose key another item before them has.
pub fn duplicates<T: Ord>(field: &str, member: &str, keys: impl Iterator<Item = T>) -> Vec<Fault> {
    let mut seen = std::collections::BTreeSet::new();
    let mut faults = Vec::new();
    for (place, key) in keys.enumerate() {
        if !seen.insert(key) {
            let pointer = format!("{field}/{place}/{member}");
            let (en, fr) = ("is given twice", "est donné deux fois");
            faults.push(Fault::new(pointer.trim_end_matches('/'), FaultCode::Duplicate, en, fr));
        }
    }
    faults
}

/// The faults that `validator` found, each with its pointer.
fn flatten(at: &str, errors: &ValidationErrors, faults: &mut Vec<Fault>) {
    for (field, kind) in errors.errors() {
        let here = if field == "__all__" { at.to_owned() } else { format!("{at}/{}", camel(field)) };
        match kind {
            ValidationErrorsKind::Struct(inner) => flatten(&here, inner, faults),
            ValidationErrorsKind::List(items) => {
                items.iter().for_each(|(index, inner)| flatten(&format!("{here}/{index}"), inner, faults));
            }
            ValidationErrorsKind::Field(list) => {
                faults.extend(list.iter().flat_map(|error| each(&here, error)))
            }
        }
    }
    faults.sort_by(|a, b| a.pointer.cmp(&b.pointer));
}

/// The faults in one error, each with its pointer below `at`.
fn each(at: &str, error: &ValidationError) -> Vec<Fault> {
    let rows = error.params.get("faults").cloned().unwrap_or_default();
    let rows: Vec<[String; 4]> = serde_json::from_value(rows).unwrap_or_default();
    let fault = |[pointer, slug, en, fr]: [String; 4]| {
        let code = FaultCode::ALL.into_iter().find(|code| code.slug() == slug);
        Fault::new(format!("{at}{pointer}"), code.unwrap_or(FaultCode::WrongFormat), en, fr)
    };
    rows.into_iter().map(fault).collect()
}

/// Rust's name of a field in JSON's spelling.
fn camel(field: &str) -> String {
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let head = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &head.into_iter().chain(letters).collect::<String>()
    })
}
