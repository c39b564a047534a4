//! `ecos config show`.

use serde_json::{Value, json};

use super::{
    LogFormat, Settings, TlsMode,
    secret::HIDDEN,
    source::{KEYS, Source},
};

/// Each setting on a line of TOML with where it came from; secrets hidden.
pub fn text(settings: &Settings, source: &Source) -> String {
    let mut out = String::new();
    for key in KEYS {
        let file_twin = format!("{}_file", key.path);
        let origin = source.origin(key.path).or_else(|| source.origin(&file_twin));
        let (value, origin) = (value(settings, key.path), origin.unwrap_or("default"));
        let line = if value.is_null() {
            format!("# {} is not set  ({})\n", key.path, key.env)
        } else {
            format!("{} = {value}  # {origin} ({})\n", key.path, key.env)
        };
        out.push_str(&line);
    }
    out
}

/// What holds for a setting. JSON's strings, switches and arrays of strings are TOML's, too.
fn value(settings: &Settings, path: &str) -> Value {
    let hidden = |is_set: bool| if is_set { json!(HIDDEN) } else { Value::Null };
    let files = match &settings.tls.mode {
        TlsMode::Files { cert, key } => Some((cert, key)),
        TlsMode::Auto | TlsMode::Off => None,
    };
    match path {
        "http.listen" => json!(settings.http.listen.to_string()),
        "http.public_url" => json!(settings.http.public_url.as_ref().map(super::PublicUrl::origin)),
        "http.trusted_proxies" => json!(settings.http.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "http.allow_plain_sign_in" => json!(settings.http.allow_plain_sign_in),
        "tls.mode" => json!(match settings.tls.mode {
            TlsMode::Auto => "auto",
            TlsMode::Off => "off",
            TlsMode::Files { .. } => "files",
        }),
        "tls.cert" => json!(files.map(|(cert, _)| cert)),
        "tls.key" => json!(files.map(|(_, key)| key)),
        "store.data_dir" => json!(settings.store.data_dir),
        "store.database_url" => hidden(settings.store.database_url.is_some()),
        "store.key_file" => json!(settings.store.key_file),
        "docker.host" => json!(settings.docker.endpoint()),
        "docker.cgroup_root" => json!(settings.docker.cgroup_root),
        "docker.proc_root" => json!(settings.docker.proc_root),
        "log.format" => json!(match settings.log.format {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        }),
        "log.filter" => json!(settings.log.filter),
        "metrics.token" => hidden(settings.metrics.token.is_some()),
        "session.idle" => json!(format!("{}s", settings.session.idle.as_secs())),
        "session.max" => json!(format!("{}s", settings.session.max.as_secs())),
        "dev" => json!(settings.dev),
        _ => Value::Null,
    }
}
