//! Takes out of an engine's words what only `reveal` may see.

use serde_json::Value;

/// Shorter values are ordinary words: taking them out would leave no sentence.
const SHORTEST: usize = 4;
/// The shortest part of a value that goes by itself: a line, a word of an argument.
const SHORTEST_PART: usize = 8;
const INSTEAD: &str = "•••";

/// The words without the values of environment, arguments, log and driver options of the container, however they are written.
/// `words` must be as the engine sent them: what was cut or tidied before is not recognised.
pub fn redact(words: &str, inspection: &Value) -> String {
    let mut secrets = Vec::new();
    for path in ["/Args", "/Config/Cmd", "/Config/Healthcheck/Test"] {
        secrets.extend(strings(inspection.pointer(path)));
    }
    let entrypoint: Vec<&str> = strings(inspection.pointer("/Config/Entrypoint")).collect();
    secrets.extend(entrypoint.iter().skip(1));
    let mut parts: Vec<&str> = secrets.iter().flat_map(|argument| argument.split_whitespace()).collect();
    parts.extend(parts.clone().iter().filter_map(|word| Some(word.split_once('=')?.1)));
    secrets.extend(strings(inspection.pointer("/Config/Env")).filter_map(|e| Some(e.split_once('=')?.1)));
    secrets.extend(values(inspection.pointer("/HostConfig/LogConfig/Config")));
    for mount in inspection.pointer("/HostConfig/Mounts").and_then(Value::as_array).into_iter().flatten() {
        secrets.extend(values(mount.pointer("/VolumeOptions/DriverConfig/Options")));
    }
    parts.extend(secrets.iter().flat_map(|value| value.lines().map(str::trim)));
    secrets.retain(|s| s.len() >= SHORTEST);
    secrets.extend(parts.into_iter().filter(|part| part.len() >= SHORTEST_PART));

    let mut written: Vec<String> = secrets.into_iter().flat_map(writings).collect();
    // The longest first: one may be a part of another.
    written.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    written.dedup();
    written.iter().fold(words.to_owned(), |text, secret| text.replace(secret, INSTEAD))
}

/// A value as engines and runtimes write it: plain, quoted by Go once and twice, as JSON, with blanks for what is not printed.
fn writings(value: &str) -> [String; 6] {
    let once = quoted(value);
    let twice = quoted(&once);
    let json = serde_json::to_string(value).unwrap_or_default();
    let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned();
    let html = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let blank = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    [value.to_owned(), once, twice, json, html, blank]
}

/// As Go's `%q` writes it, without its quotation marks.
fn quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if c.is_ascii_control() => out.extend(format!("\\x{:02x}", c as u32).chars()),
            c => out.push(c),
        }
    }
    out
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn values(map: Option<&Value>) -> impl Iterator<Item = &str> {
    map.and_then(Value::as_object).into_iter().flat_map(|m| m.values()).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_go_and_names_stay() {
        let inspection = json!({
            "Args": ["--token=canary-a", "-v"],
            "Config": {"Env": ["PASSWORD=canary-b", "EMPTY="], "Entrypoint": ["/bin/run", "canary-c"]},
            "HostConfig": {"LogConfig": {"Config": {"splunk-token": "canary-d"}},
                "Mounts": [{"VolumeOptions": {"DriverConfig": {"Options": {"o": "password=canary-e"}}}}]},
        });
        let words = "/bin/run canary-c --token=canary-a -v PASSWORD=canary-b canary-d password=canary-e failed";
        assert_eq!(redact(words, &inspection), "/bin/run ••• ••• -v PASSWORD=••• ••• ••• failed");
    }

    #[test]
    fn however_a_secret_is_written_it_goes() {
        let secret = "pa\"ss\\w<o>rd\nsecond-line-of-it\t";
        let inspection = json!({"Config": {"Env": [format!("KEY={secret}")], "Cmd": ["sh", "-c", "serve --token=canary-in-a-script now"]}});
        let json = serde_json::to_string(secret).expect("text");
        let html = json.replace('<', "\\u003c").replace('>', "\\u003e");
        let go = format!("{secret:?}");
        for words in [
            format!("plain {secret} end"),
            format!("json {json} end"),
            format!("html {html} end"),
            format!("go {go} end"),
            format!("go, twice {go:?} end"),
            format!("blank {} end", secret.replace(['\n', '\t'], " ")),
            "one line: second-line-of-it".to_owned(),
            "of a script: --token=canary-in-a-script".to_owned(),
            "its value: canary-in-a-script".to_owned(),
        ] {
            let said = redact(&words, &inspection);
            assert!(said.contains(INSTEAD), "{words} became {said}");
            for part in ["rd", "second", "canary", "pa\""] {
                assert!(!said.contains(part), "{words} became {said}");
            }
        }
    }
}
