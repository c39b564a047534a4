//! `GET /api/v1/live`, and `CONNECT` for HTTP/2.

use aide::{
    axum::{ApiRouter, routing::get_with},
    transform::TransformOperation,
};
use axum::{Extension, extract::ws::WebSocketUpgrade, http::StatusCode, response::Response, routing::connect};

use super::{
    Listener,
    hub::Crowded,
    sight::Sight,
    socket::{self, MESSAGE},
};
use crate::{
    api::auth::Auth,
    app::App,
    auth::permission::account,
    http::{places::Busy, problem::Problem},
};

pub fn router() -> ApiRouter<App> {
    ApiRouter::new().api_route("/live", get_with(live, docs)).route("/live", connect(live))
}

fn docs(o: TransformOperation) -> TransformOperation {
    o.id("live").summary("The live socket: what changed").description(
        "A WebSocket. Everybody who is signed in may open it; each message is filtered by what its person may read. By cookie it needs the \
         console's exact Origin. docs/live-socket.md has the frames.",
    )
}

async fn live(auth: Auth<account::Read>, busy: Option<Extension<Busy>>, upgrade: WebSocketUpgrade) -> Result<Response, Problem> {
    let Auth { actor, app, .. } = auth;
    let user_id = actor.user_id().to_owned();
    let place = app.hub().enter(&user_id, Listener::new(Sight::new(app.auth(), actor))).map_err(crowded)?;
    let upgrade = upgrade.max_message_size(MESSAGE).max_frame_size(MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| async move {
        socket::serve(app, place, socket).await;
        // Until here its connection keeps its place.
        drop(busy);
    }))
}

fn crowded(why: Crowded) -> Problem {
    let status = match why {
        Crowded::Person => StatusCode::TOO_MANY_REQUESTS,
        Crowded::Console => StatusCode::SERVICE_UNAVAILABLE,
    };
    Problem::new(status, "too_many_sockets", format!("{why}."))
}
