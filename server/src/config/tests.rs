//! Wrong settings, each with its sentence; and what the right ones come to.

use std::{fs, path::Path};

use super::*;

const NONE: &str = "/dev/null";

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

fn from_env(pairs: &[(&str, &str)]) -> Settings {
    Settings::load(Some(Path::new(NONE)), env(pairs)).unwrap()
}

fn refusal(pairs: &[(&str, &str)]) -> String {
    Settings::load(Some(Path::new(NONE)), env(pairs)).unwrap_err().to_string()
}

/// What a file's text is refused with; the file's own path is written as `FILE`.
fn file_refusal(text: &str) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let error = Settings::load(Some(file.path()), []).unwrap_err().to_string();
    error.replace(&file.path().display().to_string(), "FILE")
}

#[test]
fn defaults_are_for_one_machine() {
    let s = from_env(&[("PATH", "/bin"), ("ECOS_TEST_POSTGRES_URL", "x"), ("ECOS_SERVICE_HOST", "10.0.0.1"), ("ECOS_PORT", "tcp://x")]);
    assert_eq!(s.http.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(s.tls.mode, TlsMode::Off);
    assert_eq!(s.store.data_dir, Path::new("./data"));
    assert_eq!(s.docker.endpoint(), "unix:///var/run/docker.sock");
    assert_eq!((s.docker.cgroup_root.to_str(), s.docker.proc_root.to_str()), (Some("/sys/fs/cgroup"), Some("/proc")));
    assert_eq!(s.address(), "http://127.0.0.1:3000");
    assert!(!s.is_secure() && !s.dev && s.metrics.token.is_none());
}

#[test]
fn beyond_loopback_it_serves_tls() {
    let s = from_env(&[("ECOS_LISTEN", "0.0.0.0:3000")]);
    assert_eq!(s.tls.mode, TlsMode::Auto);
    assert_eq!(s.address(), "https://localhost:3000");
    assert!(s.is_secure());
    let s = from_env(&[("ECOS_LISTEN", "0.0.0.0:3000"), ("ECOS_TLS", "off"), ("ECOS_PUBLIC_URL", "https://ecos.example.com/")]);
    assert!(s.is_secure());
    assert_eq!(s.address(), "https://ecos.example.com");
}

#[test]
fn the_environment_goes_over_the_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "dev = true\n[http]\nlisten = \"127.0.0.1:1\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n").unwrap();
    let s = Settings::load(Some(file.path()), env(&[("ECOS_LISTEN", "127.0.0.1:2"), ("ECOS_DEV", "")])).unwrap();
    assert_eq!(s.http.listen.port(), 2);
    assert_eq!(s.http.trusted_proxies.len(), 2);
    assert!(s.dev);
    let s = Settings::load(None, env(&[("ECOS_CONFIG", file.path().to_str().unwrap())])).unwrap();
    assert_eq!(s.http.listen.port(), 1);
}

#[test]
fn wrong_settings_have_their_sentence() {
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("ECOS_LISTEN", "3000")], "ECOS_LISTEN must be an IP address and a port such as 127.0.0.1:3000, not \"3000\"."),
        (&[("ECOS_LISTNE", "x")], "ECOS_LISTNE is not a setting; did you mean ECOS_LISTEN?"),
        (&[("ECOS_COLOUR_OF_THE_SKY", "x")], "ECOS_COLOUR_OF_THE_SKY is not a setting."),
        (
            &[("ECOS_PUBLIC_URL", "ecos.example.com")],
            "ECOS_PUBLIC_URL must be a URL without a path such as https://ecos.example.com, not \"ecos.example.com\".",
        ),
        (
            &[("ECOS_TRUSTED_PROXIES", "10.0.0.1, proxy")],
            "ECOS_TRUSTED_PROXIES must be IP addresses or networks such as 10.0.0.0/8, separated by commas, not \"proxy\".",
        ),
        (&[("ECOS_ALLOW_PLAIN_SIGN_IN", "maybe")], "ECOS_ALLOW_PLAIN_SIGN_IN must be true or false, not \"maybe\"."),
        (&[("ECOS_DEV", "2")], "ECOS_DEV must be true or false, not \"2\"."),
        (&[("ECOS_TLS", "on")], "ECOS_TLS must be auto, off or files, not \"on\"."),
        (&[("ECOS_TLS", "files")], "ECOS_TLS is files, which needs ECOS_TLS_CERT."),
        (&[("ECOS_TLS", "files"), ("ECOS_TLS_CERT", "/c")], "ECOS_TLS is files, which needs ECOS_TLS_KEY."),
        (&[("ECOS_TLS_CERT", "/c"), ("ECOS_TLS_KEY", "/k")], "ECOS_TLS_CERT counts only with ECOS_TLS set to files."),
        (&[("ECOS_TLS", "auto"), ("ECOS_TLS_KEY", "/k")], "ECOS_TLS_KEY counts only with ECOS_TLS set to files."),
        (
            &[("ECOS_TLS", "auto"), ("ECOS_PUBLIC_URL", "http://a.example")],
            "ECOS_PUBLIC_URL begins with http:// while ECOS_TLS makes the console serve https: change one of them.",
        ),
        (
            &[("ECOS_DATABASE_URL", "mysql://u:sesame@h/d")],
            "ECOS_DATABASE_URL must be a PostgreSQL URL such as postgres://ecos@db.example.com/ecos.",
        ),
        (
            &[("ECOS_DATABASE_URL", "postgres://h/d"), ("ECOS_DATABASE_URL_FILE", "/f")],
            "ECOS_DATABASE_URL and ECOS_DATABASE_URL_FILE are both set: keep one of them.",
        ),
        (
            &[("ECOS_METRICS_TOKEN_FILE", "/nowhere/token")],
            "ECOS_METRICS_TOKEN_FILE names the file /nowhere/token, which cannot be read: No such file or directory (os error 2).",
        ),
        (&[("ECOS_METRICS_TOKEN_FILE", "/dev/null")], "ECOS_METRICS_TOKEN_FILE names the file /dev/null, which is empty."),
        (&[("ECOS_METRICS_TOKEN", "sesame")], "ECOS_METRICS_TOKEN must be at least 16 characters long."),
        (
            &[("ECOS_DOCKER_HOST", "tcp://engine:2375")],
            "ECOS_DOCKER_HOST must be a unix socket such as unix:///var/run/docker.sock, not \"tcp://engine:2375\".",
        ),
        (&[("ECOS_LOG_FORMAT", "xml")], "ECOS_LOG_FORMAT must be text or json, not \"xml\"."),
        (&[("ECOS_LOG", "a=b=c")], "ECOS_LOG must be a level (error, warn, info, debug, trace) or levels by module, not \"a=b=c\"."),
        (&[("ECOS_SESSION_IDLE", "5")], "ECOS_SESSION_IDLE must be a time such as 30m, 12h or 7d, not \"5\"."),
        (&[("ECOS_SESSION_IDLE", "8d")], "ECOS_SESSION_IDLE must not be longer than ECOS_SESSION_MAX."),
        (&[("ECOS_LISTEN_FILE", "/f")], "ECOS_LISTEN_FILE is not a setting."),
    ];
    for (pairs, sentence) in table {
        assert_eq!(refusal(pairs), *sentence);
    }
}

#[test]
fn wrong_settings_of_a_file_name_it() {
    assert_eq!(
        file_refusal("[http]\nlisten = 3000\n"),
        "http.listen in FILE must be an IP address and a port such as 127.0.0.1:3000, not \"3000\"."
    );
    assert_eq!(file_refusal("[http]\nlistn = 1\n"), "http.listn in FILE is not a setting; did you mean http.listen?");
    assert_eq!(file_refusal("colour = 1\n"), "colour in FILE is not a setting.");
    assert_eq!(file_refusal("[sky]\ncolour = 1\n"), "sky.colour in FILE is not a setting.");
    assert_eq!(file_refusal("http = 1\n"), "http in FILE is not a setting.");
    assert_eq!(file_refusal("[http]\nlisten = [1]\n"), "http.listen in FILE must be one value.");
    assert_eq!(file_refusal("[dev]\nx = 1\n"), "dev.x in FILE is not a setting; did you mean dev?");
    let broken = file_refusal("[metrics]\ntoken = \"sesame-sesame-sesame\n");
    assert!(broken.starts_with("The settings file FILE cannot be read: line 2, column"), "{broken}");
    assert!(!broken.contains("sesame") && broken.lines().count() == 1, "{broken}");
    let missing = Settings::load(Some(Path::new("/nowhere/ecos.toml")), []).unwrap_err().to_string();
    assert_eq!(missing, "The settings file /nowhere/ecos.toml cannot be read: No such file or directory (os error 2).");
}

#[test]
fn secrets_come_from_files_and_do_not_show() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "sesame-sesame-sesame\n").unwrap();
    let vars = env(&[
        ("ECOS_METRICS_TOKEN_FILE", file.path().to_str().unwrap()),
        ("ECOS_DATABASE_URL", "postgres://ecos:sesame@db.example.com/ecos"),
    ]);
    let settings = Settings::load(Some(Path::new(NONE)), vars.clone()).unwrap();
    assert_eq!(settings.metrics.token.as_ref().unwrap().expose(), "sesame-sesame-sesame");
    assert!(!format!("{settings:?}").contains("sesame"));
    let shown = Settings::show(Some(Path::new(NONE)), vars).unwrap();
    assert!(!shown.contains("sesame"), "{shown}");
    assert!(shown.contains("metrics.token = \"********\"  # environment (ECOS_METRICS_TOKEN)\n"), "{shown}");
    assert!(shown.contains("http.listen = \"127.0.0.1:3000\"  # default (ECOS_LISTEN)\n"), "{shown}");
}

#[test]
fn what_is_shown_can_be_read_again() {
    let shown = Settings::show(Some(Path::new(NONE)), env(&[("ECOS_TRUSTED_PROXIES", "10.0.0.0/8,::1"), ("ECOS_DEV", "1")])).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &shown).unwrap();
    let again = Settings::show(Some(file.path()), []).unwrap();
    let values = |text: &str| text.lines().map(|l| l.split("  ").next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(values(&shown), values(&again));
}
