//! Where settings come from: the file, over it the environment, and the names of all there are.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use figment::{
    Error, Figment, Metadata, Profile, Provider,
    providers::{Format as _, Toml},
    value::{Dict, Map, Value},
};

use super::{ConfigError, DEFAULT_FILE, Secret};

/// One setting: its place in the file and its name in the environment.
pub struct Key {
    /// `http.listen`
    pub path: &'static str,
    /// `ECOS_LISTEN`
    pub env: &'static str,
    /// Secrets have a twin with `_file` (`_FILE`) appended, and are never shown.
    pub secret: bool,
}

const fn key(path: &'static str, env: &'static str) -> Key {
    Key { path, env, secret: false }
}

const fn secret(path: &'static str, env: &'static str) -> Key {
    Key { path, env, secret: true }
}

/// All settings, in the order in which they are shown.
pub const KEYS: &[Key] = &[
    key("http.listen", "ECOS_LISTEN"),
    key("http.public_url", "ECOS_PUBLIC_URL"),
    key("http.trusted_proxies", "ECOS_TRUSTED_PROXIES"),
    key("http.allow_plain_sign_in", "ECOS_ALLOW_PLAIN_SIGN_IN"),
    key("tls.mode", "ECOS_TLS"),
    key("tls.cert", "ECOS_TLS_CERT"),
    key("tls.key", "ECOS_TLS_KEY"),
    key("store.data_dir", "ECOS_DATA_DIR"),
    secret("store.database_url", "ECOS_DATABASE_URL"),
    key("store.key_file", "ECOS_KEY_FILE"),
    key("docker.host", "ECOS_DOCKER_HOST"),
    key("docker.cgroup_root", "ECOS_CGROUP_ROOT"),
    key("docker.proc_root", "ECOS_PROC_ROOT"),
    key("log.format", "ECOS_LOG_FORMAT"),
    key("log.filter", "ECOS_LOG"),
    secret("metrics.token", "ECOS_METRICS_TOKEN"),
    key("session.idle", "ECOS_SESSION_IDLE"),
    key("session.max", "ECOS_SESSION_MAX"),
    key("dev", "ECOS_DEV"),
];

/// Names the file; read before everything else.
const CONFIG: &str = "ECOS_CONFIG";

/// Variables that begin like ours and are not settings: the build's, the tests', and what Kubernetes and Docker links write for a service
/// named `ecos`.
fn is_foreign(name: &str) -> bool {
    name.starts_with("ECOS_TEST_")
        || ["ECOS_SITE", "ECOS_BUSYBOX", "ECOS_PORT"].contains(&name)
        || ["ECOS_PORT_", "ECOS_SERVICE_"].iter().any(|p| name.starts_with(p))
}

/// The environment as a provider: a name of the table is its path, values stay text.
struct Environment(BTreeMap<String, String>);

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("environment")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut dict = Dict::new();
        for (path, text) in &self.0 {
            match path.split_once('.') {
                Some((section, name)) => {
                    let entry = dict.entry(section.to_owned()).or_insert_with(|| Value::from(Dict::new()));
                    if let Value::Dict(_, section) = entry {
                        section.insert(name.to_owned(), Value::from(text.as_str()));
                    }
                }
                None => drop(dict.insert(path.clone(), Value::from(text.as_str()))),
            }
        }
        Ok(Profile::Default.collect(dict))
    }
}

/// The settings as they were written.
pub struct Source {
    figment: Figment,
    /// The file that was read, for messages.
    file: PathBuf,
}

impl Source {
    pub fn load(file: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut env: BTreeMap<String, String> = environment.into_iter().filter(|(n, _)| n.starts_with("ECOS_") && !is_foreign(n)).collect();
        let named = env.remove(CONFIG).filter(|f| !f.is_empty());
        let file = match (file, named) {
            (Some(file), _) => Some(file.to_owned()),
            (None, Some(file)) => Some(PathBuf::from(file)),
            (None, None) => Some(PathBuf::from(DEFAULT_FILE)).filter(|f| f.exists()),
        };
        let mut figment = Figment::new();
        if let Some(file) = &file {
            figment = figment.merge(read_file(file)?);
        }
        let mut known = BTreeMap::new();
        for (name, value) in env {
            let path = path_of(&name).ok_or_else(|| ConfigError::Unknown { near: near(&name, KEYS.iter().map(|k| k.env)), name })?;
            // An empty variable is how a compose file says "not set".
            if !value.is_empty() {
                known.insert(path, value);
            }
        }
        let source = Self { figment: figment.merge(Environment(known)), file: file.unwrap_or_default() };
        source.refuse_unknown()?;
        Ok(source)
    }

    fn refuse_unknown(&self) -> Result<(), ConfigError> {
        let all: Dict = self.figment.extract().map_err(|e| ConfigError::File { file: self.file.clone(), cause: e.to_string() })?;
        for (name, value) in &all {
            match value {
                Value::Dict(_, section) => section.keys().try_for_each(|key| self.refuse_unless_known(&format!("{name}.{key}")))?,
                _ => self.refuse_unless_known(name)?,
            }
        }
        Ok(())
    }

    fn refuse_unless_known(&self, path: &str) -> Result<(), ConfigError> {
        let known = |k: &&Key| k.path == path || (k.secret && path.strip_suffix("_file") == Some(k.path));
        if KEYS.iter().any(|k| known(&k)) {
            return Ok(());
        }
        let near = near(path, KEYS.iter().map(|k| k.path));
        Err(ConfigError::Unknown { name: format!("{path} in {}", self.file.display()), near })
    }

    /// The setting as the person wrote it: `ECOS_LISTEN`, or `http.listen in ecos.toml`.
    pub fn name(&self, path: &str) -> String {
        if self.origin(path) == Some("file") {
            return format!("{path} in {}", self.file.display());
        }
        match path.strip_suffix("_file").filter(|p| KEYS.iter().any(|k| k.secret && k.path == *p)) {
            Some(twin) => format!("{}_FILE", env_of(twin)),
            None => env_of(path).to_owned(),
        }
    }

    /// `file`, `environment`, or `None` where it was not set.
    pub fn origin(&self, path: &str) -> Option<&'static str> {
        let metadata = self.figment.find_metadata(path)?;
        Some(if metadata.name == "environment" { "environment" } else { "file" })
    }

    /// A setting's text. Numbers and switches of the file are read as text, too.
    pub fn text(&self, path: &str) -> Result<Option<String>, ConfigError> {
        match self.figment.find_value(path).ok() {
            None => Ok(None),
            Some(Value::String(_, text)) => Ok(Some(text)),
            Some(Value::Bool(_, b)) => Ok(Some(b.to_string())),
            Some(Value::Num(_, n)) => Ok(n.to_u128().map(|n| n.to_string()).or_else(|| n.to_i128().map(|n| n.to_string()))),
            Some(_) => Err(ConfigError::Wrong { name: self.name(path), expected: "one value", given: None }),
        }
    }

    /// A setting, parsed. `expected` completes "must be …".
    pub fn parse<T>(&self, path: &str, expected: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.text(path)? else { return Ok(None) };
        match parse(&text) {
            Some(value) => Ok(Some(value)),
            None => Err(ConfigError::Wrong { name: self.name(path), expected, given: Some(text) }),
        }
    }

    pub fn path(&self, path: &str) -> Result<Option<PathBuf>, ConfigError> {
        Ok(self.text(path)?.map(PathBuf::from))
    }

    pub fn switch(&self, path: &str) -> Result<Option<bool>, ConfigError> {
        self.parse(path, "true or false", |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        })
    }

    pub fn duration(&self, path: &str) -> Result<Option<Duration>, ConfigError> {
        self.parse(path, "a time such as 30m, 12h or 7d", parse_duration)
    }

    /// A list: an array in the file, or text with commas.
    pub fn list<T>(&self, path: &str, expected: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, ConfigError> {
        let wrong = |given: Option<String>| ConfigError::Wrong { name: self.name(path), expected, given };
        let items: Vec<String> = match self.figment.find_value(path).ok() {
            Some(Value::Array(_, values)) => {
                values.into_iter().map(|v| v.into_string().ok_or_else(|| wrong(None))).collect::<Result<_, _>>()?
            }
            _ => self.text(path)?.unwrap_or_default().split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect(),
        };
        items.into_iter().map(|item| parse(&item).ok_or_else(|| wrong(Some(item)))).collect()
    }

    /// A secret: its text, or the first line of its twin's file.
    pub fn secret(&self, path: &str) -> Result<Option<Secret>, ConfigError> {
        let twin = format!("{path}_file");
        match (self.text(path)?, self.path(&twin)?) {
            (Some(_), Some(_)) => Err(ConfigError::Twice { name: self.name(path), file: self.name(&twin) }),
            (Some(text), None) => Ok(Some(Secret::new(text))),
            (None, Some(file)) => {
                let name = self.name(&twin);
                match fs::read_to_string(&file) {
                    Ok(text) if text.trim().is_empty() => Err(ConfigError::Empty { name, file }),
                    Ok(text) => Ok(Some(Secret::new(text.trim()))),
                    Err(cause) => Err(ConfigError::Unreadable { name, file, cause }),
                }
            }
            (None, None) => Ok(None),
        }
    }
}

/// `90d`, `12h`, `30m`, `45s`: whole and above zero.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let n: u32 = text[..text.len() - 1].parse().ok()?;
    let total = u64::from(n) * seconds;
    // A hundred years: beyond that, arithmetic on moments would have to be careful everywhere.
    (1..=100 * 366 * 86_400).contains(&total).then(|| Duration::from_secs(total))
}

fn read_file(file: &Path) -> Result<Figment, ConfigError> {
    let failed = |cause: String| ConfigError::File { file: file.to_owned(), cause };
    let text = fs::read_to_string(file).map_err(|e| failed(e.to_string()))?;
    let figment = Figment::from(Toml::string(&text));
    // The parser's own message quotes the line, which may hold a secret: only its place and its reason are passed on.
    figment.extract::<Dict>().map_err(|e| {
        let message = e.to_string();
        let lines: Vec<&str> = message.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let place = lines.first().and_then(|l| l.split_once(" at ")).map_or("", |(_, place)| place);
        let reason = lines.iter().skip(1).rfind(|l| !l.contains('|')).copied().unwrap_or("not valid TOML");
        let reason = reason.split(" in TOML").next().unwrap_or(reason);
        failed(format!("{place}: {reason}"))
    })?;
    Ok(figment)
}

fn env_of(path: &str) -> &str {
    KEYS.iter().find(|k| k.path == path).map_or(path, |k| k.env)
}

fn path_of(env: &str) -> Option<String> {
    let exact = KEYS.iter().find(|k| k.env == env).map(|k| k.path.to_owned());
    let twin = || {
        let name = env.strip_suffix("_FILE")?;
        KEYS.iter().find(|k| k.secret && k.env == name).map(|k| format!("{}_file", k.path))
    };
    exact.or_else(twin)
}

/// The known name that was most likely meant: at most three letters away.
fn near(name: &str, known: impl Iterator<Item = &'static str>) -> Option<String> {
    known.map(|k| (distance(name, k), k)).filter(|(d, _)| *d <= 3).min().map(|(_, k)| k.to_owned())
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let change = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
