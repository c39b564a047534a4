//! `ecos audit verify`.

use std::path::Path;

use ring::rand::SystemRandom;

use super::open;
use crate::{
    audit::{
        checkpoint,
        key::MasterKey,
        verify::{self, Verdict},
    },
    config::Settings,
};

/// Walks the chain. Checkpoints: the given file's and the data directory's, if there are any: each may know of more than the other.
pub async fn run(settings: &Settings, anchor: Option<&Path>) -> anyhow::Result<Verdict> {
    let dir = &settings.store.data_dir;
    // Opening would make an empty one, and an empty chain is whole.
    let is_there = settings.store.database_url.is_some() || dir.join("ecos.db").exists();
    anyhow::ensure!(is_there, "there is no database in {}", dir.display());
    let store = open::store(settings).await?;
    let key = MasterKey::open(settings.store.key_file.as_deref(), dir, &store, &SystemRandom::new()).await?;
    let kept = Some(checkpoint::file_in(dir)).filter(|kept| kept.exists());
    let public_key = key.signer().public_key();
    let mut anchors = Vec::new();
    for file in anchor.map(Path::to_owned).into_iter().chain(kept) {
        anchors.extend(checkpoint::read(&file, Some(&public_key))?);
    }
    Ok(verify::verify(&store, &anchors).await?)
}
