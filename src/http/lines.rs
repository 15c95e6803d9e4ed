//! Lines that are sent together and judged one by one: JSON, or a table whose first row names its columns. A line that is
//! malformed does not speak against the others.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use aws_lc_rs::digest::{SHA256, digest};
use csv::StringRecord;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use validator::Validate;

use super::body::receive;
use super::csv_reader::read_csv;
use super::json;
use super::shape::Shape;
use super::valid::{shape, typed};
use crate::error::{Error, Fault, FaultCode, Result, all_right};
use crate::types::normalize;

/// The largest body, in bytes: a thousand lines with their texts.
const LIMIT: usize = 4 * 1_048_576;
/// Lines of one body at the most.
pub const MOST: usize = 1_000;
/// The member of a JSON body that has them.
const LINES: &str = "lines";
/// Faults told of one line: enough to mend it by, when there may be a thousand lines.
const FAULTS: usize = 20;

/// A line that may also come as a row of a table.
pub trait Row: DeserializeOwned + ToSchema + Validate + 'static {
    /// The columns a table may have.
    const COLUMNS: &'static [&'static str];

    /// The row as the JSON it stands for.
    fn json(cells: &Cells<'_>) -> Value;
}

/// The cells of a row.
pub struct Cells<'a> {
    names: &'a StringRecord,
    row: &'a StringRecord,
}

impl Cells<'_> {
    /// What the cell of that column says, if it says something.
    pub fn get(&self, column: &str) -> Option<&str> {
        let place = self.names.iter().position(|name| name == column)?;
        self.row.get(place).filter(|cell| !normalize(cell).is_empty())
    }

    /// The text of a cell, as a member of that name.
    pub fn text(&self, column: &str) -> Option<(String, Value)> {
        self.get(column).map(|text| (column.to_owned(), Value::from(text)))
    }
}

/// The lines of a body, each good or refused by itself.
pub struct Lines<T> {
    pub lines: Vec<Result<T>>,
    /// SHA-256 of the bytes received.
    pub digest: Vec<u8>,
}

impl<T: Row> FromRequest for Lines<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let shape = shape::<T>(request);
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_table = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/csv"));
        let body = receive(request, payload, LIMIT);
        Box::pin(async move {
            let (bytes, shape) = (body.await?, shape?);
            let mut lines = Vec::new();
            // They are typed as they are read: a thousand trees of values would be in memory together.
            read::<T>(&bytes, is_table, |value| lines.push(line(&shape, value)))?;
            Ok(Self { lines, digest: digest(&SHA256, &bytes).as_ref().to_vec() })
        })
    }
}

/// Hands on the first lines of a body, as many as there may be; one that has more, or none, is refused then.
fn read<T: Row>(bytes: &[u8], is_table: bool, mut each: impl FnMut(Value)) -> Result<()> {
    let mut count = 0;
    let mut is_taken = || {
        count += 1;
        count <= MOST
    };
    if is_table {
        table::<T>(bytes, |cells| {
            if is_taken() {
                each(T::json(cells));
            }
        })?;
    } else {
        let mut take = |value| {
            if is_taken() {
                each(value);
            }
        };
        check_members(json::handed_on(bytes, LINES, &mut take)?)?;
    }
    check_count(count)
}

fn line<T: Row>(shape: &Shape, value: Value) -> Result<T> {
    typed(shape, value).map_err(|error: Error| error.at_most(FAULTS))
}

fn check_count(count: usize) -> Result<()> {
    let (code, en, fr) = match count {
        0 => (FaultCode::TooFew, "has no line".to_owned(), "ne compte aucune ligne".to_owned()),
        1..=MOST => return Ok(()),
        _ => (
            FaultCode::TooMany,
            format!("has {count} lines; {MOST} are the most"),
            format!("compte {count} lignes ; {MOST} est le maximum"),
        ),
    };
    Err(Error::invalid(vec![Fault::new("/lines", code, en, fr)]))
}

/// A member's name, or a column's, as a JSON pointer (RFC 6901 §3).
fn pointer(name: &str) -> String {
    let name: String = name.chars().take(100).collect();
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A body has its lines, and nothing else.
fn check_members(body: Value) -> Result<()> {
    let Value::Object(mut members) = body else {
        let fault = Fault::new("", FaultCode::WrongType, "must be an object", "doit être un objet");
        return Err(Error::invalid(vec![fault]));
    };
    let lines = members.remove(LINES);
    let (en, fr) = ("is not known here", "n’est pas connu ici");
    let unknown =
        members.keys().take(FAULTS).map(|name| Fault::new(pointer(name), FaultCode::UnknownField, en, fr));
    let mut faults: Vec<Fault> = unknown.collect();
    match lines {
        Some(Value::Array(_)) => {}
        Some(_) => {
            let (en, fr) = ("must be array", "doit être un tableau");
            faults.push(Fault::new("/lines", FaultCode::WrongType, en, fr));
        }
        None => faults.push(Fault::required("/lines")),
    }
    all_right(faults)
}

/// Hands on the rows of a CSV file.
fn table<T: Row>(bytes: &[u8], mut each: impl FnMut(&Cells<'_>)) -> Result<()> {
    let file = read_csv(bytes)?;
    check_width::<T>(file.header.len())?;
    all_right(wrong_columns::<T>(&file.header))?;
    let names = file.header.clone();
    for row in file.rows() {
        each(&Cells { names: &names, row: &row? });
    }
    Ok(())
}

/// A row of too many columns is refused before any of them is looked at.
fn check_width<T: Row>(width: usize) -> Result<()> {
    let most = T::COLUMNS.len();
    if width <= most {
        return Ok(());
    }
    let (en, fr) = (
        format!("has {width} columns; there are {most}"),
        format!("compte {width} colonnes ; il y en a {most}"),
    );
    Err(Error::invalid(vec![Fault::new("", FaultCode::TooMany, en, fr)]))
}

fn wrong_columns<T: Row>(names: &StringRecord) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, name) in names.iter().enumerate() {
        if !T::COLUMNS.contains(&name) {
            let known = T::COLUMNS.join(", ");
            let (en, fr) = (format!("is no column: {known}"), format!("n’est pas une colonne : {known}"));
            faults.push(Fault::new(pointer(name), FaultCode::UnknownField, en, fr));
        } else if names.iter().take(place).any(|before| before == name) {
            faults.push(Fault::duplicate(pointer(name), name));
        }
    }
    faults
}

/// An amount as a cell says it, as JSON: `4000.00`, or `4000,00` as French spreadsheets write it.
pub fn amount(cell: &str) -> Value {
    Value::Object(Map::from_iter([
        ("amount".to_owned(), Value::from(cell.replace(',', "."))),
        ("currency".to_owned(), Value::from("EUR")),
    ]))
}
