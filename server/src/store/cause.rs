//! What stands behind an event: the intent, and the operation that it was a part of.

use super::{Store, StoreError, Value};

/// An intent with where its object is, and its operation if it has one.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CauseRow {
    pub intent_id: String,
    pub project_id: Option<String>,
    pub environment_id: Option<String>,
    pub operation_id: Option<String>,
    /// Who began the operation, and by which token.
    pub user_id: Option<String>,
    pub token_id: Option<String>,
}

impl Store {
    /// Of these intents, those that are on record.
    pub async fn causes(&self, intents: &[&str]) -> Result<Vec<CauseRow>, StoreError> {
        if intents.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (1..=intents.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT a.id AS intent_id, a.project_id, a.environment_id, o.id AS operation_id, o.user_id, o.token_id FROM audit a \
             LEFT JOIN operations o ON o.request_id = a.request_id AND a.request_id <> '' WHERE a.id IN ({})",
            places.join(", ")
        );
        self.state.read.fetch_all(&sql, intents.iter().map(|id| Value::from(*id)).collect()).await
    }
}
