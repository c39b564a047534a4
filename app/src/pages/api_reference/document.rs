//! Reading the OpenAPI document.

use serde_json::{Map, Value};

/// How deep schemas are followed.
const DEPTH: u32 = 5;

/// One operation, as the page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The first word of its path: `containers`.
    pub room: String,
    pub method: String,
    pub path: String,
    pub summary: String,
    pub about: String,
    /// `x-permission`
    pub permission: Option<String>,
    pub parameters: Vec<Parameter>,
    /// Field → kind and what it is.
    pub body: Option<Value>,
    pub answer: Option<Value>,
    pub statuses: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    /// `path`, `query`, `header`.
    pub place: String,
    pub kind: String,
    pub about: String,
}

/// All operations, in the document's order.
pub fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.filter(|(_, o)| o["operationId"].is_string()).map(move |(method, o)| operation(document, path, method, o))
        })
        .collect()
}

fn operation(document: &Value, path: &str, method: &str, o: &Value) -> Operation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parameter = |p: &Value| Parameter {
        name: text(&p["name"]),
        place: text(&p["in"]),
        kind: kind(document, &p["schema"]),
        about: text(&p["description"]),
    };
    let short = path.strip_prefix("/api/v1").unwrap_or(path);
    let responses = o["responses"].as_object();
    let answer = responses.into_iter().flatten().find(|(status, _)| status.starts_with('2')).map(|(_, r)| r);
    let schema =
        |holder: &Value| holder["content"]["application/json"].get("schema").map(|s| shape(document, s, 0)).filter(|s| !s.is_null());
    Operation {
        room: short.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&o["summary"]),
        about: text(&o["description"]),
        permission: o["x-permission"].as_str().map(str::to_owned),
        parameters: o["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
        body: schema(&o["requestBody"]),
        answer: answer.and_then(schema),
        statuses: responses.into_iter().flatten().map(|(status, _)| status.clone()).collect(),
    }
}

/// The schema that a reference leads to.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let mut at = schema;
    for _ in 0..DEPTH {
        let Some(name) = at["$ref"].as_str().and_then(|r| r.strip_prefix("#/components/schemas/")) else { break };
        at = &document["components"]["schemas"][name];
    }
    at
}

/// `string`, `integer`, `a | b`, `Container[]`.
fn kind(document: &Value, schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        let values = words(resolved(document, schema));
        return if values.is_empty() { name.to_owned() } else { values.join(" | ") };
    }
    let values = words(schema);
    if !values.is_empty() {
        return values.join(" | ");
    }
    for several in ["anyOf", "oneOf"] {
        if let Some(kinds) = schema[several].as_array() {
            let kinds: Vec<String> = kinds.iter().map(|s| kind(document, s)).filter(|k| k != "null").collect();
            return kinds.join(" | ");
        }
    }
    match &schema["type"] {
        Value::String(one) if one == "array" => format!("{}[]", kind(document, &schema["items"])),
        Value::String(one) => one.clone(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).filter(|k| *k != "null").collect::<Vec<_>>().join(" | "),
        _ => String::new(),
    }
}

/// The values of an enumeration.
fn words(schema: &Value) -> Vec<String> {
    let own = schema["enum"].as_array().into_iter().flatten();
    let each =
        schema["oneOf"].as_array().into_iter().flatten().flat_map(|s| s["enum"].as_array().into_iter().flatten().chain(s.get("const")));
    own.chain(each).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// An object's fields with their kinds and words; fields that are objects fold out.
fn shape(document: &Value, schema: &Value, depth: u32) -> Value {
    let schema = resolved(document, schema);
    if schema["type"] == "array" {
        return shape(document, &schema["items"], depth);
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let Some(fields) = schema["properties"].as_object() else { return Value::Null };
    let field = |(name, field): (&String, &Value)| {
        let name = if required.contains(&name.as_str()) { name.clone() } else { format!("{name}?") };
        let inner = if depth < DEPTH { shape(document, inner(field), depth + 1) } else { Value::Null };
        if inner.is_object() {
            return (name, inner);
        }
        let about = field["description"].as_str().unwrap_or_default();
        let kind = kind(document, field);
        (name, Value::String(if about.is_empty() { kind } else { format!("{kind} — {about}") }))
    };
    Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
}

/// Of an optional object, the object.
fn inner(field: &Value) -> &Value {
    field["anyOf"].as_array().and_then(|all| all.iter().find(|s| s["type"] != "null")).unwrap_or(field)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_is_told_with_its_right_parameters_and_shapes() {
        let document = json!({
            "paths": {"/api/v1/boxes/{id}": {"post": {
                "operationId": "boxes.open", "summary": "Open", "x-permission": "box.operate",
                "parameters": [{"name": "id", "in": "path", "schema": {"type": "string"}},
                    {"name": "how", "in": "query", "description": "Gently.", "schema": {"$ref": "#/components/schemas/How"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Box"}}}},
                "responses": {"200": {"content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Box"}}}}}, "404": {}},
            }, "summary": {}}},
            "components": {"schemas": {
                "How": {"oneOf": [{"const": "slowly"}, {"enum": ["at_once"]}]},
                "Box": {"type": "object", "required": ["size"], "properties": {
                    "size": {"type": "integer", "description": "Millimetres."},
                    "lid": {"anyOf": [{"$ref": "#/components/schemas/Lid"}, {"type": "null"}]},
                    "inside": {"type": "array", "items": {"type": "string"}},
                    "parent": {"$ref": "#/components/schemas/Box"},
                }},
                "Lid": {"type": "object", "properties": {"open": {"type": ["boolean", "null"]}}},
            }},
        });
        let all = operations(&document);
        assert_eq!(all.len(), 1);
        let o = &all[0];
        assert_eq!((o.room.as_str(), o.method.as_str(), o.permission.as_deref()), ("boxes", "POST", Some("box.operate")));
        assert_eq!(o.parameters[1].kind, "slowly | at_once");
        assert_eq!(o.statuses, ["200", "404"]);
        let body = o.body.as_ref().expect("a body");
        assert_eq!(body["size"], "integer — Millimetres.");
        assert_eq!(body["lid?"]["open?"], "boolean");
        assert_eq!(body["inside?"], "string[]");
        assert_eq!(o.answer.as_ref().expect("an answer")["size"], body["size"], "what refers to itself ends");
    }

    #[test]
    fn the_consoles_own_document_is_read_whole() {
        let document: Value = serde_json::from_str(include_str!("../../../../server/golden/openapi.json")).expect("JSON");
        let all = operations(&document);
        let stop = all.iter().find(|o| o.path.ends_with("/stop")).expect("there");
        assert_eq!((stop.permission.as_deref(), stop.room.as_str()), (Some("container.operate"), "containers"));
        assert!(stop.answer.as_ref().is_some_and(|a| a["id"].is_string()), "{stop:?}");
        assert!(all.iter().filter(|o| !o.path.ends_with("/live") && !o.path.ends_with("openapi.json")).all(|o| !o.summary.is_empty()));
    }
}
