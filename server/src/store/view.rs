//! Views that people keep under a name.

use super::{Draft, Store, StoreError, db::values};
use crate::clock::Millis;

/// One view of one person.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ViewRow {
    pub id: String,
    pub user_id: String,
    /// As `ViewPage` on the wire.
    pub page: String,
    pub name: String,
    pub query: String,
    pub created_at: Millis,
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

const COLUMNS: &str = "id, user_id, page, name, query, created_at";

impl Store {
    /// One person's, by name.
    pub async fn views_of(&self, user_id: &str) -> Result<Vec<ViewRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM saved_views WHERE user_id = $1 ORDER BY lower(name), name, id");
        self.state.read.fetch_all(&sql, values![user_id]).await
    }

    /// Keeps one. `false` where the person has `most` of them already.
    pub async fn create_view(&self, row: ViewRow, most: usize, record: Draft) -> Result<bool, StoreError> {
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let sql = "SELECT COUNT(*) AS n FROM saved_views WHERE user_id = $1";
                    let kept: Option<Count> = tx.fetch_optional(sql, values![&row.user_id]).await?;
                    if kept.is_some_and(|kept| kept.n >= most as i64) {
                        return Ok((false, Vec::new()));
                    }
                    let sql = format!("INSERT INTO saved_views ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)");
                    tx.execute(&sql, values![row.id, row.user_id, row.page, row.name, row.query, row.created_at]).await.map_err(named)?;
                    Ok((true, vec![record]))
                })
            })
            .await
    }

    /// Another name, another query, of one's own; what is `None` stays. `false`: there is none of this id.
    pub async fn change_view(
        &self,
        user_id: &str,
        id: &str,
        name: Option<String>,
        query: Option<String>,
        record: Draft,
    ) -> Result<bool, StoreError> {
        let (user_id, id) = (user_id.to_owned(), id.to_owned());
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let sql =
                        "UPDATE saved_views SET name = COALESCE($1, name), query = COALESCE($2, query) WHERE user_id = $3 AND id = $4";
                    let there = tx.execute(sql, values![name, query, user_id, id]).await.map_err(named)? > 0;
                    Ok((there, if there { vec![record] } else { vec![] }))
                })
            })
            .await
    }

    /// `false`: there is none of this id.
    pub async fn delete_view(&self, user_id: &str, id: &str, record: Draft) -> Result<bool, StoreError> {
        let (user_id, id) = (user_id.to_owned(), id.to_owned());
        self.state
            .write
            .change(move |tx| {
                Box::pin(async move {
                    let gone = tx.execute("DELETE FROM saved_views WHERE user_id = $1 AND id = $2", values![user_id, id]).await? > 0;
                    Ok((gone, if gone { vec![record] } else { vec![] }))
                })
            })
            .await
    }
}

/// Only a name can be taken: ids are new.
fn named(error: StoreError) -> StoreError {
    if matches!(error, StoreError::Conflict(_)) { StoreError::Conflict("this name") } else { error }
}
