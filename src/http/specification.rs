//! The OpenAPI document at work: which operations exist, who may call them, what they accept and answer. The same
//! document that clients read is what the gate and the bodies are held to.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use actix_web::http::Method;
use serde_json::{Map, Value, json};

use super::shape::Shape;
use crate::auth::Scope;
use crate::error::{Error, Result};

/// The security scheme of the token endpoint (RFC 6749 §2.3.1).
pub const CLIENT_BASIC: &str = "clientBasic";

/// Whether an operation asks for a token.
#[derive(Debug, PartialEq, Eq)]
pub enum Access {
    /// It authenticates its client by itself: the token endpoint.
    Itself,
    /// Anyone may call it; a token that is given must be good, and may show more.
    Optional,
    /// It needs one with any of these scopes.
    Scoped(Vec<Scope>),
}

/// What the document says of one operation.
#[derive(Debug)]
pub struct Operation {
    pub access: Access,
    /// Media types of its successful answers.
    pub produces: Vec<String>,
    /// Media types of the bodies it reads; empty when it reads none.
    pub consumes: Vec<String>,
    pub query: Parameters,
    pub headers: Parameters,
}

/// The parameters of one place, as one object, so that they are checked as bodies are.
#[derive(Debug)]
pub struct Parameters {
    pub shape: Arc<Shape>,
    pub names: Vec<String>,
    /// Those that are integers, and those that are true or false.
    pub integers: Vec<String>,
    pub booleans: Vec<String>,
}

/// The document: its operations by path and method, its schemas by name.
#[derive(Debug)]
pub struct Specification {
    base: String,
    components: Value,
    operations: HashMap<String, Vec<(Method, Operation)>>,
    shapes: HashMap<String, OnceLock<Arc<Shape>>>,
}

impl Specification {
    /// Reads an OpenAPI document. `base` is the service's public URL.
    pub fn new(document: &Value, base: String) -> Result<Self> {
        let components = document.get("components").cloned().unwrap_or_default();
        let mut reader = Reader { components: &components, compiled: HashMap::new() };
        let mut operations = HashMap::new();
        for (path, item) in members(document.get("paths")) {
            let mut methods = Vec::new();
            for (method, operation) in members(Some(item)) {
                let Ok(method) = method.to_ascii_uppercase().parse() else { continue };
                methods.push((method, reader.operation(operation)?));
            }
            operations.insert(path.clone(), methods);
        }
        let schemas = members(components.get("schemas"));
        let shapes = schemas.map(|(name, _)| (name.clone(), OnceLock::new())).collect();
        Ok(Self { base, components, operations, shapes })
    }

    /// The service's public URL, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The operations of a path, by method; `None` for a path the document does not know.
    pub fn operations(&self, path: &str) -> Option<&[(Method, Operation)]> {
        self.operations.get(path).map(Vec::as_slice)
    }

    /// The compiled schema of that name.
    pub fn shape(&self, name: &str) -> Result<Arc<Shape>> {
        let slot = self.shapes.get(name).ok_or_else(|| Error::internal(format!("no schema {name}")))?;
        if let Some(shape) = slot.get() {
            return Ok(Arc::clone(shape));
        }
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        let shape = Arc::new(Shape::compile(&reference, &self.components)?);
        Ok(Arc::clone(slot.get_or_init(|| shape)))
    }
}

fn members(object: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    object.and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

/// What operations are read with. Most have the same parameters as many others, and a compiled shape takes its place in
/// memory: each is compiled once.
struct Reader<'a> {
    components: &'a Value,
    compiled: HashMap<String, Arc<Shape>>,
}

impl Reader<'_> {
    fn operation(&mut self, operation: &Value) -> Result<Operation> {
        let mut produces = Vec::new();
        for (status, response) in members(operation.get("responses")) {
            if status.starts_with('2') {
                produces.extend(members(response.get("content")).map(|(media_type, _)| media_type.clone()));
            }
        }
        let consumes = operation.pointer("/requestBody/content");
        Ok(Operation {
            access: read_access(operation.get("security")),
            produces,
            consumes: members(consumes).map(|(media_type, _)| media_type.clone()).collect(),
            query: self.parameters(operation, "query")?,
            headers: self.parameters(operation, "header")?,
        })
    }

    /// The parameters that stand `place`. A query is closed: what it does not name is refused.
    fn parameters(&mut self, operation: &Value, place: &str) -> Result<Parameters> {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let (mut integers, mut booleans) = (Vec::new(), Vec::new());
        let listed = operation.get("parameters").and_then(Value::as_array);
        for parameter in listed.into_iter().flatten() {
            let parameter = resolve(parameter, self.components);
            let text =
                |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            if text("in") != place {
                continue;
            }
            let schema = parameter.get("schema").cloned().unwrap_or_default();
            if is_of(&schema, "integer") {
                integers.push(text("name"));
            }
            if is_of(&schema, "boolean") {
                booleans.push(text("name"));
            }
            if parameter.get("required") == Some(&Value::Bool(true)) {
                required.push(Value::from(text("name")));
            }
            properties.insert(text("name"), schema);
        }
        let names = properties.keys().cloned().collect();
        let object = json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
        Ok(Parameters { shape: self.shape(&object)?, names, integers, booleans })
    }

    fn shape(&mut self, object: &Value) -> Result<Arc<Shape>> {
        let text = object.to_string();
        if let Some(known) = self.compiled.get(&text) {
            return Ok(Arc::clone(known));
        }
        let shape = Arc::new(Shape::compile(object, self.components)?);
        self.compiled.insert(text, Arc::clone(&shape));
        Ok(shape)
    }
}

/// Whether a schema is of that type, alone or among others.
fn is_of(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

/// A parameter, or the shared one it refers to.
fn resolve<'a>(parameter: &'a Value, components: &'a Value) -> &'a Value {
    let reference = parameter.get("$ref").and_then(Value::as_str);
    let shared = reference.and_then(|text| components.pointer(text.trim_start_matches("#/components")));
    shared.unwrap_or(parameter)
}

fn read_access(security: Option<&Value>) -> Access {
    let requirements = security.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut scopes = Vec::new();
    let mut optional = requirements.is_empty();
    let mut itself = false;
    for requirement in requirements {
        let named = requirement.get("oauth2").and_then(Value::as_array);
        optional |= requirement.as_object().is_some_and(Map::is_empty);
        itself |= requirement.get(CLIENT_BASIC).is_some();
        scopes.extend(named.into_iter().flatten().filter_map(Value::as_str).filter_map(Scope::parse));
    }
    match (itself, optional) {
        (true, _) => Access::Itself,
        (false, true) => Access::Optional,
        (false, false) => Access::Scoped(scopes),
    }
}
