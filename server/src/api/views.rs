//! Views that a person keeps under a name: one's own alone.

use aide::{
    axum::{
        ApiRouter,
        routing::{get_with, patch_with},
    },
    transform::TransformOperation,
};
use app::api::view::{ChangeView, MOST_VIEWS, NewView, SavedView, SavedViews, ViewPage};
use axum::{Json, extract::Path, http::StatusCode};
use uuid::Uuid;

use super::{
    auth::Auth,
    extract::{Body, Id, NoBody},
};
use crate::{
    app::App,
    auth::permission::account::{Read, Update},
    clock::rfc3339,
    http::problem::Problem,
    store::{StoreError, view::ViewRow},
};

/// Of a name, in characters.
const NAME: usize = 60;
/// Of a query, in bytes.
const QUERY: usize = 2_000;

pub fn router() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/account/views",
            get_with(list, |o| o.id("account.views").summary("One's own saved views")).post_with(create, create_docs),
        )
        .api_route("/account/views/{id}", patch_with(change, change_docs).delete_with(delete, delete_docs))
}

async fn list(auth: Auth<Read>) -> Result<Json<SavedViews>, Problem> {
    let (_, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    // A token opens no pages: of its owner's it is told nothing.
    let rows = if auth.actor.token_id().is_some() { Vec::new() } else { auth.app.store().views_of(&account.0.id).await? };
    Ok(Json(SavedViews { items: rows.into_iter().filter_map(dto).collect() }))
}

fn create_docs(o: TransformOperation) -> TransformOperation {
    o.id("account.save_view")
        .summary("Keep a view under a name")
        .description("50 at most; of a page there is one of each name.")
        .response::<201, Json<SavedView>>()
}

async fn create(auth: Auth<Update>, Body(request): Body<NewView>) -> Result<(StatusCode, Json<SavedView>), Problem> {
    let (permitted, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    let row = ViewRow {
        id: Uuid::now_v7().to_string(),
        user_id: account.0.id,
        page: request.page.key().to_owned(),
        name: name(&request.name)?,
        query: query(request.query)?,
        created_at: auth.app.clock().now(),
    };
    let record = auth.app.trail().record(&permitted, "save_view", row.name.clone());
    if !auth.app.store().create_view(row.clone(), MOST_VIEWS, record).await.map_err(taken)? {
        let detail = format!("There are {MOST_VIEWS} already: delete one first.");
        return Err(Problem::new(StatusCode::CONFLICT, "too_many_views", detail));
    }
    let view = dto(row).ok_or_else(|| Problem::not_found("view"))?;
    Ok((StatusCode::CREATED, Json(view)))
}

fn change_docs(o: TransformOperation) -> TransformOperation {
    o.id("account.change_view").summary("Give a view another name, or what it shows")
}

async fn change(auth: Auth<Update>, Path(Id { id }): Path<Id>, Body(request): Body<ChangeView>) -> Result<Json<SavedView>, Problem> {
    let (permitted, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    let own = auth.app.store().views_of(&account.0.id).await?;
    let before = own.into_iter().find(|v| v.id == id).ok_or_else(|| Problem::not_found("view"))?;
    let name = request.name.as_deref().map(name).transpose()?;
    let query = request.query.map(query).transpose()?;
    let now = ViewRow { name: name.clone().unwrap_or(before.name), query: query.clone().unwrap_or(before.query), ..before };
    let record = auth.app.trail().record(&permitted, "change_view", now.name.clone());
    if !auth.app.store().change_view(&now.user_id, &id, name, query, record).await.map_err(taken)? {
        return Err(Problem::not_found("view"));
    }
    dto(now).map(Json).ok_or_else(|| Problem::not_found("view"))
}

fn delete_docs(o: TransformOperation) -> TransformOperation {
    o.id("account.delete_view").summary("Delete a saved view").response::<204, ()>()
}

async fn delete(auth: Auth<Update>, Path(Id { id }): Path<Id>, _: NoBody) -> Result<StatusCode, Problem> {
    let (permitted, account) = auth.subject(&auth.actor.user_id().to_owned()).await?;
    let own = auth.app.store().views_of(&account.0.id).await?;
    // Only one's own: another's id is as good as none.
    let view = own.into_iter().find(|v| v.id == id).ok_or_else(|| Problem::not_found("view"))?;
    let record = auth.app.trail().record(&permitted, "delete_view", view.name);
    if !auth.app.store().delete_view(&view.user_id, &id, record).await? {
        return Err(Problem::not_found("view"));
    }
    Ok(StatusCode::NO_CONTENT)
}

fn name(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if !(1..=NAME).contains(&text.chars().count()) || text.chars().any(char::is_control) {
        return Err(Problem::bad_field("name", "range", "1 to 60 characters, without line breaks."));
    }
    Ok(text.to_owned())
}

/// What is written into an address again: only what stands in one.
fn query(text: String) -> Result<String, Problem> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&b);
    if text.len() > QUERY || !text.bytes().all(allowed) {
        return Err(Problem::bad_field("query", "invalid", "The part of an address behind the question mark, at most 2000 characters."));
    }
    Ok(text)
}

fn taken(error: StoreError) -> Problem {
    match error {
        StoreError::Conflict(_) => Problem::new(StatusCode::CONFLICT, "view_name_taken", "There is a view of this name already."),
        other => other.into(),
    }
}

/// As the API tells it; a page that this version does not know is left out.
fn dto(row: ViewRow) -> Option<SavedView> {
    let page = [ViewPage::Containers, ViewPage::Logs].into_iter().find(|page| page.key() == row.page)?;
    Some(SavedView { id: row.id, page, name: row.name, query: row.query, created_at: rfc3339(row.created_at) })
}
