//! Files that were dropped or picked: sent one after the other, by the browser, piece by piece.

use leptos::{prelude::*, task::spawn_local};

use super::within;
use crate::{
    api::file::upload_address,
    client::raw,
    components::toasts::{Toast, Toasts},
    pages::step_up::StepUp,
    problems::sentence,
    words::{FilesSending, W, files_upload_failed, files_uploaded, text, use_lang},
};

/// Sends them all. `sending` says how far it is, `again` reads the folder anew.
pub fn send_all(
    list: &web_sys::FileList,
    id: String,
    folder: String,
    sending: RwSignal<Option<String>>,
    toasts: Toasts,
    step_up: StepUp,
    again: Callback<()>,
) {
    let lang = use_lang();
    let files: Vec<web_sys::File> = (0..list.length()).filter_map(|i| list.get(i)).collect();
    let count = files.len();
    spawn_local(async move {
        let mut done = 0;
        for (i, file) in files.into_iter().enumerate() {
            let name = file.name();
            let said = FilesSending { at: &(i + 1), all: &count, name: &name }.text(lang.get_untracked());
            // The page may have been left meanwhile: what is under way goes on.
            let _ = sending.try_set(Some(said));
            match raw::put(&upload_address(&id, &within(&folder, &name)), "application/octet-stream", None, file.into()).await {
                Ok(_) => done += 1,
                Err(failure) => {
                    let lang = lang.get_untracked();
                    let _ = step_up.asks(&failure, again);
                    toasts.show(Toast::bad(files_upload_failed(lang, &name)).detail(sentence(lang, &failure)));
                    break;
                }
            }
        }
        let _ = sending.try_set(None);
        if done > 0 {
            toasts.show(Toast::good(files_uploaded(lang.get_untracked(), done)));
            again.run(());
        } else if count == 0 {
            // A folder was dropped, or nothing.
            toasts.show(Toast::bad(text(lang.get_untracked(), W::files_no_files)));
        }
    });
}
