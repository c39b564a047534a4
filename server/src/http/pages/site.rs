//! The site's files, inside the binary as brotli. Who does not take that (no browser over TLS or on localhost) gets them unpacked.

use std::sync::OnceLock;

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A file of the site.
#[derive(Debug)]
pub struct Asset {
    pub name: &'static str,
    pub kind: &'static str,
    /// Of the file as it is, unpacked.
    pub len: usize,
    pub br: &'static [u8],
}

/// All that belongs to one site.
#[derive(Debug)]
pub struct Files {
    /// Of the whole: part of the address of everything that is packaged. Empty: there is no site, and pages are plain HTML.
    pub hash: &'static str,
    /// What pages load, under `/pkg/HASH/`.
    pub pkg: &'static [Asset],
    /// What is served from the root.
    pub public: &'static [Asset],
    /// What each page needs at once.
    pub prefetch: &'static [(&'static str, &'static [&'static str])],
}

impl Files {
    pub const NONE: Self = Self { hash: "", pkg: &[], public: &[], prefetch: &[] };
}

static FILES: OnceLock<Files> = OnceLock::new();

/// Takes the binary's site, before anything is served. The library holds none, so that a new page is not a new server.
pub fn serve_files(files: Files) {
    let taken = FILES.set(files);
    debug_assert!(taken.is_ok(), "a process has one site");
}

/// Of this process.
pub(super) fn files() -> &'static Files {
    FILES.get_or_init(|| Files::NONE)
}

/// A file of `/pkg/HASH/`: it never changes. Another build's hash is not found, which a page takes as the sign to load anew.
pub async fn packaged(Path((hash, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let files = files();
    match files.pkg.iter().find(|a| hash == files.hash && a.name == path) {
        Some(asset) => serve(asset, &headers, "public, max-age=31536000, immutable"),
        None => (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response(),
    }
}

/// A file of `public/`, served from the root.
pub fn public(path: &str, headers: &HeaderMap) -> Option<Response> {
    let name = path.strip_prefix('/')?;
    let asset = files().public.iter().find(|a| a.name == name)?;
    Some(serve(asset, headers, "public, max-age=86400"))
}

fn serve(asset: &'static Asset, headers: &HeaderMap, cache: &'static str) -> Response {
    let common = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, cache), (header::VARY, "accept-encoding")];
    if takes_brotli(headers) {
        return (common, [(header::CONTENT_ENCODING, "br")], asset.br).into_response();
    }
    let mut raw = Vec::with_capacity(asset.len);
    match brotli_decompressor::BrotliDecompress(&mut &asset.br[..], &mut raw) {
        Ok(()) => (common, raw).into_response(),
        Err(error) => {
            tracing::error!(%error, asset.name, "a file of the site is broken");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// `br`, unless by `q=0`.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let named = |entry: &str| {
        let mut parts = entry.split(';').map(str::trim);
        let quality = |p: &str| p.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
        parts.next() == Some("br") && parts.find_map(quality).is_none_or(|q| q > 0.0)
    };
    headers.get_all(header::ACCEPT_ENCODING).iter().any(|h| h.to_str().is_ok_and(|text| text.split(',').any(named)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_goes_to_whom_takes_it() {
        let takes = |text: &str| takes_brotli(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, text.parse().expect("a header"))]));
        assert!(takes("gzip, deflate, br, zstd") && takes("br;q=0.5"));
        assert!(!takes("gzip") && !takes("br;q=0") && !takes("brx"));
    }

    #[test]
    fn a_file_comes_unpacked_too() {
        const BR: &[u8] = &[0x0f, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03];
        let asset: &'static Asset = &Asset { name: "a", kind: "text/plain", len: 5, br: BR };
        let length = |text: &'static str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, header::HeaderValue::from_static(text))]);
            let answer = serve(asset, &headers, "no-store");
            (answer.status().as_u16(), axum::body::HttpBody::size_hint(answer.body()).exact())
        };
        assert_eq!((length("br"), length("identity")), ((200, Some(9)), (200, Some(5))));
    }
}
