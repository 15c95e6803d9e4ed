//! JSON in which a member is given once: of two, which one was meant (RFC 8259 §4)?

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::{Code, Error, Result};

/// Reads a JSON text; a member given twice is an error.
pub fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    whole(bytes, Items::Kept)
}

/// Reads a body as JSON, or says where it cannot be read.
pub fn parsed(bytes: &[u8]) -> Result<Value> {
    read(bytes).map_err(|cause| malformed(&cause))
}

/// The same; what the array `member` of the body holds is handed on, one by one, as it is read, and is not kept.
pub fn handed_on(bytes: &[u8], member: &str, each: &mut dyn FnMut(Value)) -> Result<Value> {
    whole(bytes, Items::HandedOnOf(member, each)).map_err(|cause| malformed(&cause))
}

fn whole(bytes: &[u8], items: Items<'_>) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let left = Cell::new(MOST_VALUES);
    let value = Strict { items, left: &left }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

fn malformed(cause: &serde_json::Error) -> Error {
    let fr = format!("illisible à la ligne {}, colonne {}", cause.line(), cause.column());
    Error::new(Code::MalformedJson).detail(cause.to_string(), fr)
}

/// Values that one body, or one line of a batch, may be made of: the largest application has some thousands. Each takes up
/// to 640 bytes of memory, however few it takes in the text.
const MOST_VALUES: usize = 20_000;

struct Strict<'a, 'b> {
    items: Items<'a>,
    /// Values that may still come.
    left: &'b Cell<usize>,
}

/// What is done with the items of an array.
enum Items<'a> {
    Kept,
    HandedOn(&'a mut dyn FnMut(Value)),
    /// With those of this member.
    HandedOnOf(&'a str, &'a mut dyn FnMut(Value)),
}

impl<'de> DeserializeSeed<'de> for Strict<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Value, D::Error> {
        let left = self.left.get().checked_sub(1);
        let many = || serde::de::Error::custom(format!("more than {MOST_VALUES} values"));
        self.left.set(left.ok_or_else(many)?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        // JSON knows one kind of number: 4.0 is the integer 4 (JSON Schema 2020-12 §6.1.1 says so too).
        let whole = if value.fract() == 0.0 { format!("{value:.0}").parse::<i64>().ok() } else { None };
        let number = whole.map(Number::from).or_else(|| Number::from_f64(value));
        Ok(number.map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> std::result::Result<Value, A::Error> {
        let mut kept = Vec::new();
        let mut keep = |item| kept.push(item);
        let left = self.left;
        let (each, is_handed_on): (&mut dyn FnMut(Value), _) = match self.items {
            Items::HandedOn(each) => (each, true),
            Items::Kept | Items::HandedOnOf(..) => (&mut keep, false),
        };
        loop {
            let own = Cell::new(MOST_VALUES);
            let left = if is_handed_on { &own } else { left };
            let Some(item) = sequence.next_element_seed(Strict { items: Items::Kept, left })? else { break };
            each(item);
        }
        Ok(Value::Array(kept))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> std::result::Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let items = match &mut self.items {
                Items::HandedOnOf(member, each) if *member == name => Items::HandedOn(&mut **each),
                Items::HandedOnOf(..) | Items::HandedOn(_) | Items::Kept => Items::Kept,
            };
            let value = map.next_value_seed(Strict { items, left: self.left })?;
            if members.contains_key(&name) {
                return Err(serde::de::Error::custom(format!("the member {name:?} is given twice")));
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_is_given_once() {
        for twice in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            assert!(read(twice.as_bytes()).unwrap_err().to_string().contains("given twice"), "{twice}");
        }
        for wrong in ["", "{", "{} {}", "nul", "{'a':1}"] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn items_are_handed_on_in_their_order_and_all_else_is_kept() {
        let mut items = Vec::new();
        let body = br#"{"a": [1], "b": [[2], {"b": [3]}], "c": {"b": [4]}}"#;
        let rest = handed_on(body, "b", &mut |item| items.push(item)).unwrap();
        assert_eq!(rest, json!({"a": [1], "b": [], "c": {"b": [4]}}));
        assert_eq!(items, [json!([2]), json!({"b": [3]})]);
        for (other, same) in [(r#"[{"b": [1]}]"#, json!([{"b": [1]}])), (r#"{"b": 1}"#, json!({"b": 1}))] {
            assert_eq!(handed_on(other.as_bytes(), "b", &mut |_| panic!("{other}")).unwrap(), same);
        }
        assert!(handed_on(br#"{"b": [1], "b": [2]}"#, "b", &mut |_| {}).is_err());
        assert!(handed_on(br#"{"b": [1], "#, "b", &mut |_| {}).is_err());
    }

    #[test]
    fn a_body_is_made_of_so_many_values() {
        let list = |count: usize| format!("[{}]", vec!["{\"\":0}"; count].join(","));
        assert!(read(list(9_999).as_bytes()).is_ok());
        assert!(read(list(10_000).as_bytes()).unwrap_err().to_string().contains("more than 20000 values"));
        let lines = |line: &str| format!("{{\"lines\": [{}]}}", [line; 3].join(","));
        assert!(handed_on(lines(&list(9_999)).as_bytes(), "lines", &mut |_| {}).is_ok());
        assert!(handed_on(lines(&list(10_000)).as_bytes(), "lines", &mut |_| {}).is_err());
    }

    proptest! {
        #[test]
        fn all_else_reads_as_usual(text in r#"[\[\]{}",:a-c0-9.\\ -]{0,20}"#) {
            if let Ok(value) = read(text.as_bytes()) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            }
        }
    }
}
