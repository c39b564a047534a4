//! Golden files: the OpenAPI document, and which operation needs which permission. `make golden` (`UPDATE_GOLDEN=1`) writes them anew.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::Value;

fn compare(name: &str, now: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(&file, now).expect("written");
    }
    let golden = fs::read_to_string(&file).unwrap_or_default();
    assert!(golden == now, "golden/{name} is not what the code says: run `make golden`, read the difference, commit it");
}

/// All operations of the document: method, path, and the operation itself.
pub fn operations() -> Vec<(String, String, Value)> {
    let doc = serde_json::to_value(crate::api::document()).expect("plain data");
    let paths = doc["paths"].as_object().expect("paths").clone();
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("methods").clone() {
            all.push((method.to_uppercase(), path.clone(), operation));
        }
    }
    all.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    all
}

#[test]
fn the_openapi_document_is_what_it_was() {
    let doc = crate::api::document();
    compare("openapi.json", &(serde_json::to_string_pretty(&doc).expect("plain data") + "\n"));
}

#[test]
fn every_operation_needs_what_it_did() {
    let mut out = String::from("# operation: permission (- : open to everyone), whether the password must have been given again\n");
    for (method, path, operation) in operations() {
        let permission = operation["x-permission"].as_str().unwrap_or("-");
        let step_up = if operation["x-step-up"] == Value::Bool(true) { " step-up" } else { "" };
        let _ = writeln!(out, "{method} {path}: {permission}{step_up}");
    }
    out.push_str(
        "# what a subscription of the live socket needs\nchanges: the kind's own read permission, object by object\nlogs: container.read, \
         container by container\nstats: container.read, container by container\n",
    );
    compare("permissions.txt", &out);
}
