//! Shapes: the schemas of the OpenAPI document, compiled, so that what is documented is what is accepted. Every
//! fault of a value is found in one pass.

use std::collections::BTreeMap;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::{Value, json};

use crate::error::{Error, Fault, FaultCode, Result};
use crate::types::{InseeCode, Instant, Rna, Siret, TextKind};

/// Faults told of one value at the most: enough to mend it by, too few to flood anyone.
const MOST: usize = 200;

/// A compiled schema.
#[derive(Debug)]
pub struct Shape(Validator);

impl Shape {
    /// Compiles `schema`, whose `$ref`s point into `components` of the document.
    pub fn compile(schema: &Value, components: &Value) -> Result<Self> {
        let components = reachable(schema, components);
        let root = match schema.get("$ref") {
            Some(reference) => json!({"components": components, "$ref": reference}),
            None => json!({"components": components, "allOf": [schema]}),
        };
        let mut options = jsonschema::options();
        for kind in TextKind::ALL {
            options =
                options.with_format(kind.format(), move |text: &str| kind.first_forbidden(text).is_none());
        }
        options
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .with_format("date-time", |text: &str| Instant::parse(text).is_some())
            .with_format(Siret::FORMAT, Siret::is_valid)
            .with_format(Rna::FORMAT, Rna::is_valid)
            .with_format(InseeCode::FORMAT, InseeCode::is_valid)
            .build(&root)
            .map(Self)
            .map_err(Error::internal)
    }

    /// Every fault of `value`, with a JSON pointer each.
    pub fn faults(&self, value: &Value) -> Vec<Fault> {
        // To know that nothing is wrong is cheaper than to look for all that might be.
        if self.0.is_valid(value) {
            return Vec::new();
        }
        let mut faults = Vec::new();
        for error in self.0.iter_errors(value).take(MOST) {
            collect(&error, &mut faults);
        }
        faults.truncate(MOST);
        faults.sort_by(|a, b| (&a.pointer, a.code.slug()).cmp(&(&b.pointer, b.code.slug())));
        faults.dedup_by(|one, other| (&one.pointer, one.code) == (&other.pointer, other.code));
        // The pattern of a text says again what its length or its characters say better.
        let told =
            [FaultCode::TooShort, FaultCode::ForbiddenCharacter].map(|code| of_code(&faults, code)).concat();
        faults.retain(|fault| fault.code != FaultCode::WrongFormat || !told.contains(&fault.pointer));
        faults
    }
}

/// Of the components, those that a schema leads to: what is compiled stays in memory, and there are hundreds of shapes.
fn reachable(schema: &Value, components: &Value) -> Value {
    let mut kept: BTreeMap<&str, BTreeMap<&str, &Value>> = BTreeMap::new();
    let mut waiting = references(schema);
    while let Some((kind, name)) = waiting.pop() {
        let Some(found) = components.get(kind).and_then(|all| all.get(name)) else { continue };
        if kept.entry(kind).or_default().insert(name, found).is_none() {
            waiting.extend(references(found));
        }
    }
    json!(kept)
}

/// The components that a schema names: kind and name.
fn references(schema: &Value) -> Vec<(&str, &str)> {
    match schema {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(members) => {
            let named = members.get("$ref").and_then(Value::as_str);
            let named = named.and_then(|text| text.strip_prefix("#/components/")?.split_once('/'));
            named.into_iter().chain(members.values().flat_map(references)).collect()
        }
        _ => Vec::new(),
    }
}

fn of_code(faults: &[Fault], code: FaultCode) -> Vec<String> {
    faults.iter().filter(|fault| fault.code == code).map(|fault| fault.pointer.clone()).collect()
}

/// A member's name inside a JSON pointer (RFC 6901 §3).
fn member(base: &str, name: &str) -> String {
    format!("{base}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn collect(error: &ValidationError<'_>, faults: &mut Vec<Fault>) {
    let at = error.instance_path().as_str();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            faults.extend(unexpected.iter().map(|name| {
                Fault::new(
                    member(at, name),
                    FaultCode::UnknownField,
                    "is not known here",
                    "n’est pas connu ici",
                )
            }));
        }
        Kind::Required { property } => {
            faults.push(Fault::required(member(at, property.as_str().unwrap_or_default())));
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => match nearest(at, context) {
            Some(branch) => branch.iter().for_each(|error| collect(error, faults)),
            None => faults.push(wrong_tag(at, context)),
        },
        Kind::Format { format } => {
            let kind = TextKind::of_format(format);
            let forbidden = kind.and_then(|kind| kind.first_forbidden(error.instance().as_str()?));
            faults.push(match forbidden {
                Some((position, character)) => Fault::forbidden_character(at, position, character),
                None => fault_of(at, error.kind()),
            });
        }
        kind => faults.push(fault_of(at, kind)),
    }
}

type Branch = Vec<ValidationError<'static>>;

/// The member that tells the variants of a union apart.
const TAG: &str = "type";

/// Of several alternatives, the one the value was meant for: it is of its type and carries its tag. What is wrong
/// deeper inside does not make it another one.
fn nearest<'a>(at: &str, branches: &'a [Branch]) -> Option<&'a Branch> {
    let tag = member(at, TAG);
    let is_meant = |branch: &&Branch| {
        !branch.iter().any(|error| match error.kind() {
            Kind::Type { .. } => error.instance_path().as_str() == at,
            Kind::Enum { .. } | Kind::Constant { .. } => error.instance_path().as_str() == tag,
            _ => false,
        })
    };
    let mut meant = branches.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (only, None) => only,
        // Several, because no tag is there to choose by.
        (Some(_), Some(_)) | (None, Some(_)) => None,
    }
}

/// A value that is none of the alternatives: of another type, without a tag, or with an unknown one.
fn wrong_tag(at: &str, branches: &[Branch]) -> Fault {
    let errors = || branches.iter().flatten();
    let tag = member(at, TAG);
    let is_missing = |error: &&ValidationError<'static>| match error.kind() {
        Kind::Required { property } => error.instance_path().as_str() == at && property == TAG,
        _ => false,
    };
    if errors().any(|error| is_missing(&error)) {
        return Fault::required(tag);
    }
    let words: Vec<String> = errors()
        .filter(|error| error.instance_path().as_str() == tag)
        .filter_map(|error| match error.kind() {
            Kind::Enum { options } => options.as_array()?.first()?.as_str().map(str::to_owned),
            Kind::Constant { expected_value } => expected_value.as_str().map(str::to_owned),
            _ => None,
        })
        .collect();
    if !words.is_empty() {
        let words = words.join(", ");
        let (en, fr) = (format!("must be one of {words}"), format!("doit être parmi {words}"));
        return Fault::new(tag, FaultCode::NotAllowedValue, en, fr);
    }
    // The last one: the first of a nullable value says only that it is not null.
    let mut of_type = errors()
        .filter(|error| matches!(error.kind(), Kind::Type { .. }) && error.instance_path().as_str() == at);
    match of_type.next_back() {
        Some(error) => fault_of(at, error.kind()),
        None => Fault::new(at, FaultCode::WrongFormat, "is not valid", "n’est pas valide"),
    }
}

fn fault_of(at: &str, kind: &Kind) -> Fault {
    let (code, en, fr) = match kind {
        Kind::Type { kind } => {
            let (en, fr) = type_words(kind);
            (FaultCode::WrongType, format!("must be {en}"), format!("doit être {fr}"))
        }
        Kind::Enum { options } => (
            FaultCode::NotAllowedValue,
            format!("must be one of {options}"),
            format!("doit être parmi {options}"),
        ),
        Kind::Constant { expected_value } => (
            FaultCode::NotAllowedValue,
            format!("must be {expected_value}"),
            format!("doit être {expected_value}"),
        ),
        Kind::Format { format } => (
            FaultCode::WrongFormat,
            format!("is not a valid {format}"),
            format!("n’est pas valide ({format})"),
        ),
        Kind::Pattern { pattern } => (
            FaultCode::WrongFormat,
            format!("must match {pattern}"),
            format!("doit correspondre à {pattern}"),
        ),
        Kind::MaxLength { limit } => (
            FaultCode::TooLong,
            format!("is longer than {limit} characters"),
            format!("dépasse {limit} caractères"),
        ),
        Kind::MinLength { limit } => (
            FaultCode::TooShort,
            format!("is shorter than {limit} characters"),
            format!("compte moins de {limit} caractères"),
        ),
        Kind::Maximum { limit } => {
            (FaultCode::TooLarge, format!("is greater than {limit}"), format!("est supérieur à {limit}"))
        }
        Kind::Minimum { limit } => {
            (FaultCode::TooSmall, format!("is less than {limit}"), format!("est inférieur à {limit}"))
        }
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => (
            FaultCode::TooMany,
            format!("has more than {limit} items"),
            format!("compte plus de {limit} éléments"),
        ),
        Kind::MinItems { limit } | Kind::MinProperties { limit } => (
            FaultCode::TooFew,
            format!("has fewer than {limit} items"),
            format!("compte moins de {limit} éléments"),
        ),
        Kind::UniqueItems => {
            (FaultCode::Duplicate, "has an item twice".to_owned(), "contient deux fois un élément".to_owned())
        }
        _ => (FaultCode::WrongFormat, "is not valid".to_owned(), "n’est pas valide".to_owned()),
    };
    Fault::new(at, code, en, fr)
}

fn type_words(kind: &TypeKind) -> (String, String) {
    let types: Vec<String> = match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect(),
    };
    let french = |word: &String| match word.as_str() {
        "string" => "une chaîne".to_owned(),
        "integer" => "un entier".to_owned(),
        "number" => "un nombre".to_owned(),
        "boolean" => "un booléen".to_owned(),
        "array" => "un tableau".to_owned(),
        "object" => "un objet".to_owned(),
        other => other.to_owned(),
    };
    let fr: Vec<String> = types.iter().map(french).collect();
    (types.join(" or "), fr.join(" ou "))
}
