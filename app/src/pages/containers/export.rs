//! The filtered list as CSV.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use super::state::State;
use crate::{
    api::{container::Container, list::MAX_LIMIT, problem::Failure},
    client::Client,
};

/// Fetches all that match and hands the file to the browser.
pub async fn csv(client: Client, state: State) -> Result<(), Failure> {
    let mut text = String::from("state,name,image,host,project,compose_project,restarts_24h,ports,created_at,started_at,exit_code,id\r\n");
    let state = State { group: "none".into(), collapsed: Vec::new(), ..state };
    let mut offset = 0;
    loop {
        let page = client.containers(&state.query(offset, MAX_LIMIT)).await?;
        offset += page.items.len() as u32;
        for c in &page.items {
            text.push_str(&line(c));
        }
        if page.items.is_empty() || offset >= page.total {
            break;
        }
    }
    save("containers.csv", &text);
    Ok(())
}

fn line(c: &Container) -> String {
    let ports: Vec<String> = c
        .ports
        .iter()
        .map(|p| format!("{}{}/{}", p.host_port.map(|h| format!("{h}:")).unwrap_or_default(), p.container_port, p.protocol))
        .collect();
    let cells = [
        c.condition.key().to_owned(),
        c.name.clone(),
        c.image.clone(),
        c.host_name.clone(),
        c.project.as_ref().map(|p| p.name.clone()).unwrap_or_default(),
        c.compose_project.clone().unwrap_or_default(),
        c.restarts_24h.to_string(),
        ports.join(" "),
        c.created_at.clone(),
        c.started_at.clone().unwrap_or_default(),
        c.exit_code.map(|code| code.to_string()).unwrap_or_default(),
        c.id.clone(),
    ];
    cells.map(|cell| quote(&cell)).join(",") + "\r\n"
}

/// Quoted where it must be; what a spreadsheet would take for a formula begins with an apostrophe.
fn quote(cell: &str) -> String {
    let cell = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

fn save(name: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let Ok(blob) = web_sys::Blob::new_with_str_sequence(&parts) else { return };
    let Ok(url) = web_sys::Url::create_object_url_with_blob(&blob) else { return };
    if let Some(link) = document().create_element("a").ok().and_then(|e| e.dyn_into::<web_sys::HtmlAnchorElement>().ok()) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    let _ = web_sys::Url::revoke_object_url(&url);
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn names_stay_names_in_a_spreadsheet() {
        assert_eq!(quote("a,b"), "\"a,b\"");
        assert_eq!(quote("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(quote("=cmd()"), "'=cmd()");
        assert_eq!(quote("web.1"), "web.1");
    }
}
