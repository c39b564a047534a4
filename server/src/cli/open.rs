//! What commands need of the console: its store and its rules, without server, engines or workers.

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use crate::{app::App, clock::Clock, config::Settings, store::Store};

/// Commands say what they have to say themselves; only what went wrong on the way is logged.
pub fn log() {
    tracing_subscriber::fmt().with_env_filter(EnvFilter::new("warn")).with_writer(std::io::stderr).init();
}

pub async fn store(settings: &Settings) -> anyhow::Result<Store> {
    let url = settings.store.database_url.as_ref().map(crate::config::Secret::expose);
    Store::open(url, &settings.store.data_dir).await.context("the database cannot be opened")
}

pub async fn app(settings: Settings) -> anyhow::Result<App> {
    let store = store(&settings).await?;
    Ok(App::new(settings, store, Clock::system(), None).await?)
}
