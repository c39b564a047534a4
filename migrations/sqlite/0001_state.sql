-- Who there is, what they may do, what belongs to whom, and the trail.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO meta (key, value) VALUES ('rights_version', '1');

CREATE TABLE users (
    id                  TEXT PRIMARY KEY,
    username            TEXT NOT NULL,
    username_key        TEXT NOT NULL UNIQUE,
    password_hash       TEXT NOT NULL,
    password_changed_at BIGINT NOT NULL,
    active              BOOLEAN NOT NULL,
    language            TEXT,
    theme               TEXT NOT NULL,
    preferences         TEXT NOT NULL,
    created_at          BIGINT NOT NULL
);

CREATE TABLE user_groups (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE user_group_members (
    group_id TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);

CREATE TABLE projects (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE environments (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    protected  BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

-- Custom roles. The built-in ones are in the program.
CREATE TABLE roles (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    permissions TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE grants (
    id             TEXT PRIMARY KEY,
    user_id        TEXT REFERENCES users (id) ON DELETE CASCADE,
    group_id       TEXT REFERENCES user_groups (id) ON DELETE CASCADE,
    role           TEXT NOT NULL,
    project_id     TEXT REFERENCES projects (id) ON DELETE CASCADE,
    environment_id TEXT REFERENCES environments (id) ON DELETE CASCADE,
    expires_at     BIGINT,
    created_at     BIGINT NOT NULL,
    CHECK ((user_id IS NULL) <> (group_id IS NULL))
);
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_group ON grants (group_id);

CREATE TABLE sessions (
    id            TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at    BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    step_up_until BIGINT NOT NULL,
    address       TEXT NOT NULL,
    user_agent    TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE tokens (
    id             TEXT PRIMARY KEY,
    user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name           TEXT NOT NULL,
    hash           TEXT NOT NULL UNIQUE,
    role           TEXT,
    project_id     TEXT REFERENCES projects (id) ON DELETE CASCADE,
    environment_id TEXT REFERENCES environments (id) ON DELETE CASCADE,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT,
    last_used_at   BIGINT,
    revoked_at     BIGINT
);
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE setup_tokens (
    hash       TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE hosts (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    endpoint       TEXT NOT NULL,
    environment_id TEXT REFERENCES environments (id),
    created_at     BIGINT NOT NULL
);

-- Whose an object of an engine is. No row: the platform's.
CREATE TABLE ownership (
    host_id    TEXT NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    object_id  TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id),
    intent_id  TEXT NOT NULL,
    PRIMARY KEY (host_id, kind, object_id)
);
CREATE INDEX ownership_project ON ownership (project_id);

CREATE TABLE operations (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    runner      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT,
    done        BIGINT NOT NULL,
    total       BIGINT NOT NULL,
    items       TEXT NOT NULL,
    log         TEXT NOT NULL
);
CREATE INDEX operations_created ON operations (created_at);

CREATE TABLE idempotency (
    subject    TEXT NOT NULL,
    route      TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  TEXT NOT NULL,
    runner     TEXT NOT NULL,
    status     BIGINT,
    body       TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (subject, route, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

-- The chain. Columns are what people filter by; the hash covers every one of them and the previous hash.
CREATE TABLE audit (
    seq            BIGINT PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    at             BIGINT NOT NULL,
    kind           TEXT NOT NULL,
    intent_id      TEXT,
    actor_kind     TEXT NOT NULL,
    actor_id       TEXT NOT NULL,
    actor_name     TEXT NOT NULL,
    token_name     TEXT,
    address        TEXT NOT NULL,
    permission     TEXT NOT NULL,
    action         TEXT NOT NULL,
    object_kind    TEXT NOT NULL,
    object_id      TEXT NOT NULL,
    object_name    TEXT NOT NULL,
    host_id        TEXT,
    host_name      TEXT,
    project_id     TEXT,
    environment_id TEXT,
    outcome        TEXT NOT NULL,
    detail         TEXT NOT NULL,
    reason         TEXT NOT NULL,
    request_id     TEXT NOT NULL,
    by_right       TEXT NOT NULL,
    count          BIGINT,
    prev           TEXT NOT NULL,
    hash           TEXT NOT NULL
);
CREATE INDEX audit_intent ON audit (intent_id);
CREATE INDEX audit_object ON audit (object_id);

CREATE TABLE audit_head (
    id   BIGINT PRIMARY KEY,
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

-- Intents without an outcome yet: written with the intent, deleted with the outcome.
CREATE TABLE open_intents (
    id         TEXT PRIMARY KEY,
    at         BIGINT NOT NULL,
    runner     TEXT NOT NULL,
    action     TEXT NOT NULL,
    host_id    TEXT,
    object_id  TEXT NOT NULL,
    expected   TEXT NOT NULL
);
