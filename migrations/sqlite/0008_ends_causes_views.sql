-- An exception from the policy may end by itself.
ALTER TABLE policy_exceptions ADD COLUMN ends_at BIGINT;

-- Which request began an operation: what was intended in it belongs to the operation.
ALTER TABLE operations ADD COLUMN request_id TEXT;
CREATE INDEX operations_request ON operations (request_id);

-- How a list was filtered, sorted and grouped, kept by a person under a name.
CREATE TABLE saved_views (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    page       TEXT NOT NULL,
    name       TEXT NOT NULL,
    query      TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_views_name ON saved_views (user_id, page, name);
