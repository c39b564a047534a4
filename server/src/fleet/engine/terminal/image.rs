//! The helper's image: nothing but a static busybox, which the build puts into the console. Its id follows from its content, so that what an
//! engine has under that id is this and nothing else.

use std::{io, sync::LazyLock};

use bytes::Bytes;
use futures_util::stream;
use sha2::{Digest as _, Sha256};

use crate::fleet::{
    connector::{Fault, Link},
    error::EngineError,
};

mod carried {
    include!(env!("ECOS_HELPER"));
}

/// What is sent to an engine, and what it will be called there.
struct Image {
    /// `sha256:…`
    id: String,
    archive: Bytes,
}

/// Whether the build was given a busybox.
pub fn is_carried() -> bool {
    !carried::BUSYBOX.is_empty()
}

/// The image's id; `None` where this build carries none.
pub fn id() -> Option<&'static str> {
    is_carried().then(|| ID.as_str())
}

/// Only the id is kept: the image itself is made again when an engine wants it.
static ID: LazyLock<String> = LazyLock::new(|| make().map(|image| image.id).unwrap_or_default());

/// Brings the image to an engine that does not have it.
pub async fn bring(link: &Link) -> Result<(), EngineError> {
    let id = id().ok_or(EngineError::NoHelper)?;
    match link.get_bytes(&format!("/images/{id}/json")).await {
        Ok(_) => return Ok(()),
        Err(Fault::Status { status: 404, .. }) => {}
        Err(fault) => return Err(EngineError::of_container(fault)),
    }
    let image = make().map_err(|e| EngineError::Refused(format!("the helper's image could not be made: {e}")))?;
    let pieces: Vec<io::Result<Bytes>> = image.archive.chunks(64 * 1024).map(|piece| Ok(image.archive.slice_ref(piece))).collect();
    let answer = link.upload(hyper::Method::POST, "/images/load?quiet=1", stream::iter(pieces)).await.map_err(EngineError::of_container)?;
    http_body_util::BodyExt::collect(answer.into_body()).await.map_err(|e| EngineError::of_container(Fault::of(&e)))?;
    // What the engine has made of it is looked at, not believed.
    link.get_bytes(&format!("/images/{id}/json"))
        .await
        .map(drop)
        .map_err(|_| EngineError::Refused("it did not take the helper's image".into()))
}

fn make() -> io::Result<Image> {
    let mut busybox = Vec::new();
    brotli_decompressor::BrotliDecompress(&mut &carried::BUSYBOX[..], &mut busybox)?;
    let mut layer = tar::Builder::new(Vec::new());
    for directory in ["bin/", "proc/", "sys/", "dev/", "tmp/", "etc/"] {
        let mode = if directory == "tmp/" { 0o1777 } else { 0o755 };
        append(&mut layer, directory, tar::EntryType::Directory, mode, &[])?;
    }
    append(&mut layer, "bin/busybox", tar::EntryType::Regular, 0o755, &busybox)?;
    drop(busybox);
    let mut link = header(tar::EntryType::Symlink, 0o777, 0);
    layer.append_link(&mut link, "bin/sh", "busybox")?;
    let layer = layer.into_inner()?;

    let diff = hex::encode(Sha256::digest(&layer));
    let config = serde_json::json!({
        "architecture": carried::ARCHITECTURE, "os": "linux", "created": "1970-01-01T00:00:00Z",
        "config": {"Env": ["PATH=/bin"], "Labels": {"ecos.helper": "image"}},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{diff}")]},
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "ecos"}],
    })
    .to_string();
    let digest = hex::encode(Sha256::digest(config.as_bytes()));
    let manifest = serde_json::json!([{"Config": format!("{digest}.json"), "RepoTags": ["ecos-helper:latest"], "Layers": ["layer.tar"]}]);
    let mut archive = tar::Builder::new(Vec::with_capacity(layer.len() + 16 * 1024));
    append(&mut archive, "manifest.json", tar::EntryType::Regular, 0o644, manifest.to_string().as_bytes())?;
    append(&mut archive, &format!("{digest}.json"), tar::EntryType::Regular, 0o644, config.as_bytes())?;
    append(&mut archive, "layer.tar", tar::EntryType::Regular, 0o644, &layer)?;
    Ok(Image { id: format!("sha256:{digest}"), archive: archive.into_inner()?.into() })
}

/// Nothing in it but what is said: the same content is the same image everywhere.
fn header(kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

fn append(tar: &mut tar::Builder<Vec<u8>>, name: &str, kind: tar::EntryType, mode: u32, bytes: &[u8]) -> io::Result<()> {
    tar.append_data(&mut header(kind, mode, bytes.len() as u64), name, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_has_the_same_id() {
        let (one, other) = (make().expect("made"), make().expect("made"));
        assert_eq!((&one.id, &one.archive), (&other.id, &other.archive));
        assert!(one.id.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64));
    }
}
