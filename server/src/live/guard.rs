//! Whether the person behind a socket may still hear what they hear.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::{Kind, Listener, sight::Sight};
use crate::app::App;

/// Rights and sessions also end by time alone.
const EVERY: Duration = Duration::from_secs(1);

/// Why a socket ends from the console's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The session or token has ended.
    Revoked,
    /// The console closes, or can't say whether the session goes on: connect again.
    Closing,
}

impl End {
    /// As it is written on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Closing => "closing",
        }
    }
}

/// Keeps the listener at the rights of now. Completes when the socket has to end.
pub async fn watch(app: &App, listener: &Listener) -> End {
    let mut version = app.auth().version();
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            changed = version.changed() => if changed.is_err() { return End::Closing },
            _ = tick.tick() => {}
            () = app.closing().cancelled() => return End::Closing,
        }
        let before = listener.with_sight(|sight| sight.actor().clone());
        match app.auth().again(&before).await {
            Ok(Some(actor)) => {
                if listener.with_sight(|sight| !sight.is_current(app.auth(), &actor)) {
                    let sight = Sight::new(app.auth(), actor);
                    let belonged = listener.with_sight(Sight::belongings);
                    let others = before.rights != sight.actor().rights || belonged != sight.belongings();
                    listener.look(sight);
                    if others {
                        // What came into sight, or went out of it, was no change of the objects.
                        let (at, now) = (app.clock().now(), app.hub().now());
                        listener.lost(&Kind::ALL, 1, at, at, now);
                    }
                }
                listener.end_unreadable(app);
            }
            Ok(None) => return End::Revoked,
            Err(error) => {
                tracing::warn!(%error, "a live socket's session could not be checked");
                return End::Closing;
            }
        }
    }
}
