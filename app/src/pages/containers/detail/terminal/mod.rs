//! The terminal of a container: choice of shell and user, the screen, and how the connection stands.

mod line;
mod screen;

use leptos::prelude::*;

use self::line::{Line, Open, Standing};
use crate::{
    api::{problem::Failure, terminal::Shells},
    components::{
        button::{Button, Kind},
        field::{SelectField, TextField},
        icon::Glyph,
        note::{Note, Tone},
        skeleton::SkeletonLines,
        state_mark::{Meaning, StateMark},
        states::EmptyState,
        time::{Time, TimeStyle},
    },
    loader::use_client,
    pages::{failed::Failed, fetched::fetched, step_up::use_step_up},
    words::{W, t, terminal_exited, terminal_held, text, use_lang},
};

/// The tab: first what it can be opened with.
#[component]
pub fn TerminalTab(id: String) -> impl IntoView {
    let client = StoredValue::new(use_client());
    let step_up = use_step_up();
    let own = StoredValue::new(id);
    let (got, again) = fetched(move || {
        let (client, id) = (client.get_value(), own.get_value());
        async move { client.container_shells(&id).await }
    });
    Effect::new(move |_| {
        got.with(|got| {
            if let Some(Err(failure)) = got {
                step_up.asks(failure, again);
            }
        });
    });
    move || match got.get() {
        None => view! { <SkeletonLines lines=4 /> }.into_any(),
        Some(Ok(shells)) => view! { <Terminal id=own.get_value() shells ask=again /> }.into_any(),
        Some(Err(failure)) => view! { <Refused failure on_retry=again /> }.into_any(),
    }
}

/// Why there is no terminal. The password can be given again.
#[component]
pub fn Refused(failure: Failure, on_retry: Callback<()>) -> impl IntoView {
    let step_up = use_step_up();
    if failure.code() == Some("step_up_required") {
        let again = move |_| {
            step_up.asks(&failure, on_retry);
        };
        let again = StoredValue::new(again);
        let actions = move || view! { <Button label=t(W::step_up_confirm) kind=Kind::Primary on_press=move |ev| again.with_value(|again| again(ev)) /> };
        return view! { <EmptyState title=t(W::step_up_title) actions>{t(W::step_up_text)}</EmptyState> }.into_any();
    }
    view! { <Failed failure on_retry /> }.into_any()
}

#[component]
fn Terminal(
    id: String,
    shells: Shells,
    /// Finds out anew what it can be opened with.
    ask: Callback<()>,
) -> impl IntoView {
    let lang = use_lang();
    let Shells { shells: found, helper, user: own_user, step_up_until } = shells;
    let has_shell = !found.is_empty();
    let first = found.first().cloned().unwrap_or_else(|| "helper".to_owned());
    let (shell, user) = (RwSignal::new(first), RwSignal::new(String::new()));
    let standing = RwSignal::new(Standing::Closed);
    let host = NodeRef::<leptos::html::Div>::new();
    let line = Line::new(id, standing, host, text(lang.get_untracked(), W::terminal_label).to_owned());
    let begin = {
        let line = line.clone();
        Callback::new(move |()| {
            let chosen = shell.get_untracked();
            let is_helper = chosen == "helper";
            let user = user.get_untracked().trim().to_owned();
            line.open(Open { shell: if is_helper { String::new() } else { chosen }, helper: is_helper, user });
        })
    };
    // One that is held is come back to; else a shell is opened at once, a helper only when asked for.
    {
        let line = line.clone();
        Effect::new(move |was: Option<()>| {
            if was.is_none() && host.get().is_some() && !line.come_back() && has_shell {
                begin.run(());
            }
        });
    }
    on_cleanup({
        let line = line.clone();
        move || line.leave()
    });
    let options = Signal::derive(move || {
        let own = found.iter().map(|shell| (shell.clone(), TextProp::from(shell.clone())));
        let helper = helper.then(|| ("helper".to_owned(), TextProp::from(move || text(lang.get(), W::terminal_helper).to_owned())));
        own.chain(helper).collect::<Vec<_>>()
    });
    let is_open = Memo::new(move |_| matches!(standing.get(), Standing::Open | Standing::Opening | Standing::Lost));
    let end = {
        let line = line.clone();
        move |_| line.end()
    };
    let state = move || {
        let (meaning, word) = match standing.get() {
            Standing::Closed => (Meaning::Stopped, text(lang.get(), W::terminal_closed).to_owned()),
            Standing::Opening => (Meaning::Working, text(lang.get(), W::terminal_opening).to_owned()),
            Standing::Open => (Meaning::Good, text(lang.get(), W::terminal_open).to_owned()),
            Standing::Lost => (Meaning::Warning, terminal_held(lang.get(), 60)),
            Standing::Ended { reason, exit_code } => (Meaning::Stopped, ended(lang.get(), &reason, exit_code)),
            Standing::Refused { code, detail } => (Meaning::Bad, refused(lang.get(), &code, &detail)),
        };
        view! { <StateMark meaning=Signal::stored(meaning) word=move || word.clone() /> }
    };
    let note = move || {
        (!has_shell).then(|| {
            let what = if helper { W::terminal_no_shell_helper } else { W::terminal_no_shell_no_helper };
            view! { <div class="notes"><Note tone=Tone::Info title=t(W::terminal_no_shell)>{t(what)}</Note></div> }
        })
    };
    let until = step_up_until.map(|at| view! { <span class="second">{t(W::terminal_until)} " " <Time at style=TimeStyle::Exact /></span> });
    let own_user = if own_user.is_empty() { "root".to_owned() } else { own_user };
    // What stood against it may be over: a container that stopped, a password given too long ago.
    let again = move |_| if matches!(standing.get_untracked(), Standing::Refused { .. }) { ask.run(()) } else { begin.run(()) };
    view! {
        {note}
        <div class="tab-bar terminal-bar">
            <SelectField name="terminal-shell" label=t(W::terminal_shell) value=shell options />
            <TextField name="terminal-user" label=t(W::terminal_user) value=user placeholder=own_user optional=true autocomplete="off" on_enter=begin />
            <span aria-live="polite">{state}</span>
            <span class="push"></span>
            {until}
            {move || if is_open.get() {
                view! { <Button label=t(W::terminal_end) glyph=Glyph::Stop on_press=end.clone() /> }.into_any()
            } else {
                view! { <Button label=t(W::terminal_begin) kind=Kind::Primary glyph=Glyph::Terminal on_press=again /> }.into_any()
            }}
        </div>
        <div class="terminal-pane" node_ref=host></div>
    }
}

fn ended(lang: crate::words::Lang, reason: &str, exit_code: Option<i64>) -> String {
    let word = match reason {
        "exited" => match exit_code {
            Some(code) => return terminal_exited(lang, code),
            None => W::terminal_closed,
        },
        "container_stopped" => W::terminal_container_stopped,
        "revoked" => W::terminal_revoked,
        "abandoned" => W::terminal_abandoned,
        "idle" => W::terminal_idle,
        "closing" => W::terminal_closing,
        "lost" => W::terminal_engine_lost,
        "taken" => W::terminal_taken,
        _ => W::terminal_closed,
    };
    text(lang, word).to_owned()
}

fn refused(lang: crate::words::Lang, code: &str, detail: &str) -> String {
    match code {
        "no_shell" => text(lang, W::terminal_no_shell).to_owned(),
        "no_helper" => text(lang, W::terminal_no_shell_no_helper).to_owned(),
        "not_running" => text(lang, W::containers_because_not_running).to_owned(),
        _ => detail.to_owned(),
    }
}
