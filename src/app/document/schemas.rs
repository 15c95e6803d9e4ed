//! What every schema has: a character set for its strings, bounds for its integers, a patch for what can be patched.

use serde_json::{Map, Value, json};

use crate::types::TextKind;

/// Any text: PostgreSQL cannot keep a NUL, and nobody means one.
const ANY_TEXT: &str = r"^[^\u0000]*$";

/// Text that says something: not only blanks.
const SOME_TEXT: &str = r"^[^\u0000]*[^\s\u0000][^\u0000]*$";

/// Texts that may be longer than this, in characters, are prose unless their schema says otherwise; others are one line.
const LONGEST_LINE: u64 = 300;

/// Completes all named schemas.
pub fn finish(schemas: &mut Map<String, Value>) {
    schemas.values_mut().for_each(restrict);
    for (name, schema) in schemas.iter_mut() {
        // A page refers to its item instead of repeating it.
        let items = schema.pointer_mut("/properties/items/items");
        if let (Some(item), Some(items)) = (name.strip_prefix("Page_"), items) {
            *items = json!({"$ref": format!("#/components/schemas/{item}")});
        }
    }
}

/// Walks a schema: strings without a format, a pattern or a list of words are texts, of a kind and with the widest pattern.
pub fn restrict(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(restrict),
        Value::Object(object) => {
            if is_type(object, "string") && is_text(object) {
                let number = |name: &str| object.get(name).and_then(Value::as_u64);
                let some = number("minLength").unwrap_or_default() > 0;
                let is_line = number("maxLength").is_some_and(|longest| longest <= LONGEST_LINE);
                let kind = if is_line { TextKind::Line } else { TextKind::Prose };
                object.entry("format").or_insert_with(|| Value::from(kind.format()));
                object.insert("pattern".to_owned(), Value::from(if some { SOME_TEXT } else { ANY_TEXT }));
            }
            if let Some(longest) = object.get("format").and_then(Value::as_str).and_then(longest) {
                object.entry("maxLength").or_insert_with(|| Value::from(longest));
            }
            if is_type(object, "integer") {
                object.entry("format").or_insert_with(|| Value::from("int64"));
            }
            for variant in object.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
                close_variant(variant);
            }
            for (name, value) in object.iter_mut() {
                if !matches!(name.as_str(), "example" | "examples" | "enum" | "default" | "const") {
                    restrict(value);
                }
            }
        }
        _ => {}
    }
}

/// Whether a string schema is of free text, not of a format, a pattern or words of its own.
fn is_text(schema: &Map<String, Value>) -> bool {
    let format = schema.get("format").and_then(Value::as_str);
    let is_kind = format.is_none_or(|format| TextKind::of_format(format).is_some());
    is_kind && !["pattern", "enum", "const"].iter().any(|key| schema.contains_key(*key))
}

/// The variants of a tagged union are as closed as any other body.
fn close_variant(variant: &mut Value) {
    if variant.pointer("/properties/type").is_some()
        && let Some(variant) = variant.as_object_mut()
    {
        variant.entry("additionalProperties").or_insert(Value::Bool(false));
    }
}

/// How long the text of a format can be.
fn longest(format: &str) -> Option<u32> {
    match format {
        "date" => Some(10),
        "date-time" => Some(35),
        "uuid" => Some(36),
        _ => None,
    }
}

fn is_type(schema: &Map<String, Value>, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    }
}

/// The merge patch of a schema: nothing is required.
pub fn patch_of(schema: &Value) -> Value {
    let mut patch = schema.clone();
    if let Some(object) = patch.as_object_mut() {
        object.remove("required");
        object.remove("example");
        object.insert("minProperties".to_owned(), Value::from(1));
        object.insert(
            "description".to_owned(),
            Value::from("A JSON merge patch (RFC 7396): only what changes."),
        );
        let one = schema.get("example").and_then(Value::as_object).and_then(|example| example.iter().next());
        if let Some((name, value)) = one {
            object.insert("example".to_owned(), json!({name: value}));
        }
    }
    patch
}

/// The example of a body: that of its schema, or a page of one item.
pub fn example_of(reference: &str, schemas: &Map<String, Value>) -> Option<Value> {
    let name = reference.rsplit('/').next()?;
    if let Some(item) = name.strip_prefix("Page_") {
        let item = schemas.get(item)?.get("example")?;
        return Some(json!({"items": [item], "next": null}));
    }
    schemas.get(name)?.get("example").cloned()
}

/// `Page_CoFunder` is Rust's way to say it; `CoFunderPage` is what a generated client should be called.
pub fn rename_pages(text: &str) -> String {
    let mut renamed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find("Page_") {
        let (before, found) = rest.split_at(place);
        let name = found.trim_start_matches("Page_");
        let end = name.find('"').unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        renamed.push_str(before);
        renamed.push_str(name);
        renamed.push_str("Page");
        rest = after;
    }
    renamed.push_str(rest);
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_called_after_their_items() {
        assert_eq!(
            rename_pages(r##"{"Page_Call":{"$ref":"#/x/Page_Call"}}"##),
            r##"{"CallPage":{"$ref":"#/x/CallPage"}}"##
        );
    }
}
