//! JSON that folds.

use leptos::prelude::*;
use serde_json::Value;

/// A field of JSON; objects and lists fold.
pub fn branch(key: &str, value: &Value, depth: u32) -> AnyView {
    const OPEN: u32 = 1;
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => Vec::new(),
    };
    let key = key.to_owned();
    if inner.is_empty() {
        let shown = match value {
            Value::String(text) => text.clone(),
            Value::Object(_) => "{}".to_owned(),
            Value::Array(_) => "[]".to_owned(),
            other => other.to_string(),
        };
        return view! { <div class="json-leaf"><span class="json-key">{key}</span>" "<span class="json-value">{shown}</span></div> }
            .into_any();
    }
    let count = inner.len();
    let branches = inner.iter().map(|(k, v)| branch(k, v, depth + 1)).collect::<Vec<_>>();
    view! {
        <details open={depth < OPEN}>
            <summary><span class="json-key">{key}</span>" "<span class="third">{count}</span></summary>
            <div class="json-inner">{branches}</div>
        </details>
    }
    .into_any()
}
