//! What makes Rust of `locales/*.json`: used by the build script, tested with the crate.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;

/// What stands under one key in one language.
#[derive(Clone, Debug, PartialEq)]
enum Text {
    Plain(String),
    /// By number; Chinese has `other` alone.
    Forms {
        one: Option<String>,
        other: String,
    },
}

type Words = BTreeMap<String, Text>;

/// The Rust source for these two languages, given as JSON, or what is wrong with them.
pub fn words(en: &str, zh: &str) -> Result<String, String> {
    let (en, zh) = (read("en", en)?, read("zh-CN", zh)?);
    if let Some(key) = en.keys().find(|k| !zh.contains_key(*k)) {
        return Err(format!("locales/zh-CN.json lacks {key}"));
    }
    if let Some(key) = zh.keys().find(|k| !en.contains_key(*k)) {
        return Err(format!("locales/en.json lacks {key}"));
    }
    generate(&en, &zh)
}

fn read(language: &str, text: &str) -> Result<Words, String> {
    let file = format!("locales/{language}.json");
    let json: Value = serde_json::from_str(text).map_err(|e| format!("{file}: {e}"))?;
    let mut words = Words::new();
    flatten(&file, "", &json, &mut words)?;
    Ok(words)
}

fn flatten(file: &str, prefix: &str, value: &Value, words: &mut Words) -> Result<(), String> {
    let Value::Object(map) = value else { return Err(format!("{file}: {prefix} is neither text nor an object")) };
    for (name, value) in map {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            return Err(format!("{file}: the key {prefix}.{name} has other characters than a-z, 0-9 and _"));
        }
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}_{name}") };
        let text = match value {
            Value::String(s) => Text::Plain(s.clone()),
            Value::Object(forms)
                if forms.contains_key("other")
                    && forms.values().all(Value::is_string)
                    && forms.keys().all(|k| k == "one" || k == "other") =>
            {
                let form = |name: &str| forms.get(name).and_then(Value::as_str).map(str::to_owned);
                Text::Forms { one: form("one"), other: form("other").unwrap_or_default() }
            }
            other => {
                flatten(file, &key, other, words)?;
                continue;
            }
        };
        if words.insert(key.clone(), text).is_some() {
            return Err(format!("{file}: {key} is there twice"));
        }
    }
    Ok(())
}

/// The names in braces, in order of appearance.
fn placeholders(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in text.split('{').skip(1) {
        if let Some((name, _)) = part.split_once('}')
            && !names.iter().any(|n| n == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

fn sorted(text: &str) -> Vec<String> {
    let mut names = placeholders(text);
    names.sort();
    names
}

fn generate(en: &Words, zh: &Words) -> Result<String, String> {
    let (mut names, mut english, mut chinese, mut functions) = (Vec::new(), Vec::new(), Vec::new(), String::new());
    for (key, text) in en {
        let other = &zh[key];
        match (text, other) {
            (Text::Plain(e), Text::Plain(z)) => {
                if sorted(e) != sorted(z) {
                    return Err(format!("{key} has other placeholders in zh-CN than in en"));
                }
                if placeholders(e).is_empty() {
                    names.push(key.as_str());
                    english.push(e);
                    chinese.push(z);
                } else {
                    function(&mut functions, key, None, e, z);
                }
            }
            (Text::Forms { one: Some(one), other: many }, Text::Forms { one: None, other: z }) => {
                if !placeholders(many).iter().any(|n| n == "n") || sorted(many) != sorted(z) {
                    return Err(format!("{key} needs {{n}}, and the same placeholders in both languages"));
                }
                function(&mut functions, key, Some(one), many, z);
            }
            _ => return Err(format!("{key} needs the forms one and other in en, and other alone in zh-CN")),
        }
    }
    let list = |texts: &[&String]| lines(texts.iter().map(|t| format!("{t:?}")));
    let mut out = String::new();
    let _ = write!(
        out,
        "/// Every text without values.\n#[allow(non_camel_case_types, reason = \"named as in locales/*.json\")]\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n#[repr(u16)]\npub enum W {{\n{}}}\n\n\
         static EN: [&str; {n}] = [\n{}];\n\nstatic ZH: [&str; {n}] = [\n{}];\n\n{functions}",
        lines(names.iter().map(|n| (*n).to_owned())),
        list(&english),
        list(&chinese),
        n = names.len(),
    );
    Ok(out)
}

/// One item a line, with its comma.
fn lines(items: impl Iterator<Item = String>) -> String {
    items.fold(String::new(), |out, item| out + "    " + &item + ",\n")
}

/// What puts values into a text: a function of one value, else a struct that names each value, so that none takes another's place.
/// `{n}` of a text with forms is a number, written with its thousands apart.
fn function(out: &mut String, key: &str, one: Option<&str>, en: &str, zh: &str) {
    let mut names = placeholders(en);
    let counted = one.is_some();
    if counted && !names.iter().any(|n| n == "n") {
        names.push("n".to_owned());
    }
    let kind = |name: &str, lifetime: &str| {
        if counted && name == "n" { "u64".to_owned() } else { format!("&{lifetime}dyn ::std::fmt::Display") }
    };
    let n = if counted { "    let count = n;\n    let n = thousands(n);\n" } else { "" };
    let english = match one {
        Some(one) => format!("if count == 1 {{ format!({one:?}) }} else {{ format!({en:?}) }}"),
        None => format!("format!({en:?})"),
    };
    let body = format!("{n}    match lang {{\n        Lang::En => {english},\n        Lang::Zh => format!({zh:?}),\n    }}\n");
    let allow = "#[allow(clippy::needless_pass_by_value, clippy::uninlined_format_args, clippy::useless_format, clippy::if_same_then_else, clippy::match_same_arms, unused_variables)]";
    if let [name] = names.as_slice() {
        let kind = if counted { "u64" } else { "impl ::std::fmt::Display" };
        let _ = write!(out, "{allow}\npub fn {key}(lang: Lang, {name}: {kind}) -> String {{\n{body}}}\n\n");
        return;
    }
    let camel: String = key.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
    let lifetime = if names.iter().any(|n| kind(n, "").starts_with('&')) { "<'a>" } else { "" };
    let fields = lines(names.iter().map(|n| format!("pub {n}: {}", kind(n, "'a "))));
    let _ = write!(
        out,
        "/// The values of this text.\npub struct {camel}{lifetime} {{\n{fields}}}\n\n\
         impl {camel}{} {{\n    {allow}\n    pub fn text(self, lang: Lang) -> String {{\n    let Self {{ {} }} = self;\n{body}    }}\n}}\n\n",
        lifetime.replace("'a", "'_"),
        names.join(", "),
    );
}

#[cfg(test)]
mod tests {
    use super::words;

    fn wrong(en: &str, zh: &str) -> String {
        words(en, zh).expect_err("refused")
    }

    #[test]
    fn a_key_of_one_language_only_stops_the_build() {
        assert_eq!(wrong(r#"{"a":{"b":"x","c":"y"}}"#, r#"{"a":{"b":"x"}}"#), "locales/zh-CN.json lacks a_c");
        assert_eq!(wrong(r#"{"a":"x"}"#, r#"{"a":"x","b":"y"}"#), "locales/en.json lacks b");
    }

    #[test]
    fn placeholders_and_forms_have_to_fit() {
        assert_eq!(wrong(r#"{"a":"on {host}"}"#, r#"{"a":"{name}"}"#), "a has other placeholders in zh-CN than in en");
        assert_eq!(
            wrong(r#"{"a":{"one":"{n} x","other":"x"}}"#, r#"{"a":{"other":"x"}}"#),
            "a needs {n}, and the same placeholders in both languages"
        );
        assert_eq!(
            wrong(r#"{"a":{"one":"{n} x","other":"{n} xs"}}"#, r#"{"a":"x"}"#),
            "a needs the forms one and other in en, and other alone in zh-CN"
        );
        assert_eq!(wrong(r#"{"A":"x"}"#, r#"{"A":"x"}"#), "locales/en.json: the key .A has other characters than a-z, 0-9 and _");
        assert_eq!(wrong(r#"{"a":7}"#, r#"{"a":7}"#), "locales/en.json: a is neither text nor an object");
        assert!(wrong("{", "{}").starts_with("locales/en.json: "));
    }

    #[test]
    fn several_values_are_named_where_they_are_put_in() {
        let made = words(r#"{"a":"{x} of {y}","b":"on {host}","c":"plain"}"#, r#"{"a":"{y} 中 {x}","b":"{host}","c":"文"}"#).expect("fits");
        assert!(
            made.contains("pub struct A<'a> {") && made.contains("pub x: &'a dyn") && made.contains("pub fn b(lang: Lang, host:"),
            "{made}"
        );
        assert!(made.contains("\"plain\"") && made.contains("\"文\""), "{made}");
    }
}
