-- What the container policy lets pass by name, and why.
CREATE TABLE policy_exceptions (
    id         TEXT PRIMARY KEY,
    project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
    container  TEXT,
    code       TEXT NOT NULL,
    value      TEXT,
    reason     TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
