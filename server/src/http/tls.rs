//! The server's side of TLS: rustls over ring, with a certificate from files or of the console's own making.

use std::{
    fs,
    io::Write as _,
    net::IpAddr,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use sha2::{Digest as _, Sha256};

use crate::{
    clock::{Clock, Millis},
    config::{Settings, TlsMode},
};

const DAY: Millis = 24 * 60 * 60 * 1000;
/// How long a certificate of ours holds: browsers trust none for longer than 398 days.
const VALID: Millis = 397 * DAY;
/// It is made anew so long before its end.
const RENEW: Millis = 30 * DAY;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{name} {} cannot be read: {cause}", file.display())]
    Unreadable { name: &'static str, file: PathBuf, cause: String },
    #[error("the certificate in {} and the key in {} do not belong together", cert.display(), key.display())]
    Foreign { cert: PathBuf, key: PathBuf },
    #[error("a certificate could not be made: {0}")]
    Make(#[from] rcgen::Error),
    #[error("TLS cannot be set up: {0}")]
    Rustls(#[from] rustls::Error),
}

/// The certificate in use. It can be changed while the console runs.
#[derive(Debug)]
pub struct Certificate {
    settings: Settings,
    clock: Clock,
    current: ArcSwap<CertifiedKey>,
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl Certificate {
    /// The certificate that the settings ask for; `None` where TLS is off.
    pub fn open(settings: &Settings, clock: &Clock) -> Result<Option<Arc<Self>>, TlsError> {
        let Some(key) = obtain(settings, clock)? else { return Ok(None) };
        let current = ArcSwap::from_pointee(key);
        Ok(Some(Arc::new(Self { settings: settings.clone(), clock: clock.clone(), current })))
    }

    /// Reads the files again, or makes a new certificate where ours nears its end. Whether it changed. A failure leaves the old one
    /// in use.
    pub fn renew(&self) -> Result<bool, TlsError> {
        let Some(key) = obtain(&self.settings, &self.clock)? else { return Ok(false) };
        let changed = key.cert != self.current.load().cert;
        self.current.store(Arc::new(key));
        Ok(changed)
    }

    /// SHA-256 of the certificate, as browsers show it.
    pub fn fingerprint(&self) -> String {
        let current = self.current.load();
        let digest = Sha256::digest(current.cert.first().map(AsRef::as_ref).unwrap_or_default());
        digest.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(":")
    }

    /// TLS 1.2 and 1.3, HTTP/2 before HTTP/1.1.
    pub fn config(self: &Arc<Self>) -> Result<ServerConfig, TlsError> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn obtain(settings: &Settings, clock: &Clock) -> Result<Option<CertifiedKey>, TlsError> {
    match &settings.tls.mode {
        TlsMode::Off => Ok(None),
        TlsMode::Files { cert, key } => {
            let chain = read(cert).and_then(|pem| chain(&pem)).map_err(|cause| unreadable("ECOS_TLS_CERT", cert, cause))?;
            let private = read(key)
                .and_then(|pem| PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|e| e.to_string()))
                .map_err(|cause| unreadable("ECOS_TLS_KEY", key, cause))?;
            let foreign = |e| match e {
                rustls::Error::InconsistentKeys(_) => TlsError::Foreign { cert: cert.clone(), key: key.clone() },
                e => TlsError::Rustls(e),
            };
            CertifiedKey::from_der(chain, private, &provider()).map(Some).map_err(foreign)
        }
        TlsMode::Auto => own(settings, clock.now()).map(Some),
    }
}

fn unreadable(name: &'static str, file: &Path, cause: String) -> TlsError {
    TlsError::Unreadable { name, file: file.to_owned(), cause }
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|e| e.to_string())
}

fn chain(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    if chain.is_empty() { Err("there is no certificate in it".to_owned()) } else { Ok(chain) }
}

/// The certificate of our own making: the kept one, if it still holds and is for the same names, else a new one.
fn own(settings: &Settings, now: Millis) -> Result<CertifiedKey, TlsError> {
    let file = settings.store.data_dir.join("tls").join("auto.pem");
    let names = names(settings);
    if let Ok(kept) = fs::read_to_string(&file)
        && header(&kept, "names") == Some(names.join(" ").as_str())
        && header(&kept, "ends").and_then(|e| e.parse::<Millis>().ok()).is_some_and(|ends| now < ends - RENEW)
        && let Ok(key) = parse(&kept)
    {
        return Ok(key);
    }
    let pem = make(&names, now)?;
    if let Err(error) = keep(&file, &pem) {
        // It serves all the same; browsers will ask again after the next start.
        tracing::warn!(%error, file = %file.display(), "the certificate could not be kept");
    }
    parse(&pem)
}

/// `# ends: 1700000000000` before the PEM blocks.
fn header<'a>(pem: &'a str, name: &str) -> Option<&'a str> {
    pem.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(": "))
}

fn parse(pem: &str) -> Result<CertifiedKey, TlsError> {
    let bad = |e: String| rustls::Error::General(e);
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|e| bad(e.to_string()))?;
    Ok(CertifiedKey::from_der(chain(pem).map_err(bad)?, key, &provider())?)
}

/// What the certificate is for: this machine, the address it listens on, the public name.
fn names(settings: &Settings) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let listen = settings.http.listen.ip();
    if !listen.is_unspecified() && !listen.is_loopback() {
        names.push(listen.to_string());
    }
    if let Ok(host) = fs::read_to_string("/etc/hostname")
        && is_name(host.trim())
    {
        names.push(host.trim().to_owned());
    }
    if let Some(url) = &settings.http.public_url {
        let host = url.host();
        let host = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(h, _)| h);
        names.push(host.trim_matches(['[', ']']).to_owned());
    }
    names.dedup();
    names
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() < 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

fn make(all: &[String], now: Millis) -> Result<String, TlsError> {
    let (names, addresses): (Vec<&String>, Vec<&String>) = all.iter().partition(|n| n.parse::<IpAddr>().is_err());
    let mut params = rcgen::CertificateParams::new(names.into_iter().cloned().collect::<Vec<_>>())?;
    let addresses = addresses.into_iter().filter_map(|a| a.parse().ok()).map(rcgen::SanType::IpAddress);
    params.subject_alt_names.extend(addresses);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "EcOS Console");
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let moment = |at: Millis| time::OffsetDateTime::from_unix_timestamp(at / 1000).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    // A browser's clock may be a little behind.
    params.not_before = moment(now - DAY);
    params.not_after = moment(now - DAY + VALID);
    let key = rcgen::KeyPair::generate()?;
    let cert = params.self_signed(&key)?;
    Ok(format!("# names: {}\n# ends: {}\n{}{}", all.join(" "), now - DAY + VALID, cert.pem(), key.serialize_pem()))
}

/// Whole or not at all, and for nobody else's eyes.
fn keep(file: &Path, pem: &str) -> std::io::Result<()> {
    let dir = file.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let new = file.with_extension("new");
    match fs::remove_file(&new) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    out.write_all(pem.as_bytes())?;
    out.sync_all()?;
    fs::rename(&new, file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::config::PublicUrl;

    const NOW: Millis = 1_700_000_000_000;

    fn settings(dir: &Path) -> Settings {
        let mut settings = Settings::with_data_dir(dir);
        settings.tls.mode = TlsMode::Auto;
        settings
    }

    #[test]
    fn a_certificate_of_ours_is_kept_and_renewed() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual(NOW);
        let mut settings = settings(dir.path());
        let certificate = Certificate::open(&settings, &clock).unwrap().unwrap();
        let first = certificate.fingerprint();
        assert_eq!(first.len(), 32 * 3 - 1);
        let mode = fs::metadata(dir.path().join("tls/auto.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!certificate.renew().unwrap());
        assert_eq!(Certificate::open(&settings, &clock).unwrap().unwrap().fingerprint(), first, "the next start has the same");
        clock.advance(VALID - DAY - RENEW + 1);
        assert!(certificate.renew().unwrap(), "near its end it is made anew");
        assert_ne!(certificate.fingerprint(), first);
        let second = certificate.fingerprint();
        settings.http.public_url = PublicUrl::parse("https://ecos.example.com:8443");
        let named = Certificate::open(&settings, &clock).unwrap().unwrap().fingerprint();
        assert_ne!(named, second, "another name needs another certificate");
    }

    #[test]
    fn without_a_place_to_keep_it_there_is_one_all_the_same() {
        assert!(Certificate::open(&settings(Path::new("/proc/nowhere")), &Clock::manual(NOW)).unwrap().is_some());
    }

    #[test]
    fn given_files_are_read_and_must_fit() {
        let dir = tempfile::tempdir().unwrap();
        let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
        let open = || {
            let mut settings = settings(dir.path());
            settings.tls.mode = TlsMode::Files { cert: cert.clone(), key: key.clone() };
            Certificate::open(&settings, &Clock::manual(NOW)).map_err(|e| e.to_string().replace(dir.path().to_str().unwrap(), "DIR"))
        };
        assert_eq!(open().unwrap_err(), "ECOS_TLS_CERT DIR/cert.pem cannot be read: No such file or directory (os error 2)");
        let (one, other) = (make(&["localhost".to_owned()], NOW).unwrap(), make(&["localhost".to_owned()], NOW).unwrap());
        fs::write(&cert, &one).unwrap();
        fs::write(&key, &other).unwrap();
        assert_eq!(open().unwrap_err(), "the certificate in DIR/cert.pem and the key in DIR/key.pem do not belong together");
        fs::write(&key, &one).unwrap();
        let certificate = open().unwrap().unwrap();
        fs::write(&cert, "not a certificate").unwrap();
        let before = certificate.fingerprint();
        assert!(certificate.renew().is_err());
        assert_eq!(certificate.fingerprint(), before, "a bad file leaves the old one in use");
        fs::write(&cert, &other).unwrap();
        fs::write(&key, &other).unwrap();
        assert!(certificate.renew().unwrap());
    }
}
