-- Who there is, what they may do, what belongs to whom, and the trail.

CREATE TABLE meta (
    key   TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);
INSERT INTO meta (key, value) VALUES ('rights_version', '1');

CREATE TABLE users (
    id                  TEXT COLLATE "C" PRIMARY KEY,
    username            TEXT COLLATE "C" NOT NULL,
    username_key        TEXT COLLATE "C" NOT NULL UNIQUE,
    password_hash       TEXT COLLATE "C" NOT NULL,
    password_changed_at BIGINT NOT NULL,
    active              BOOLEAN NOT NULL,
    language            TEXT COLLATE "C",
    theme               TEXT COLLATE "C" NOT NULL,
    preferences         TEXT COLLATE "C" NOT NULL,
    created_at          BIGINT NOT NULL
);

CREATE TABLE user_groups (
    id         TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE user_group_members (
    group_id TEXT COLLATE "C" NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    user_id  TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);

CREATE TABLE projects (
    id         TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE environments (
    id         TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL UNIQUE,
    kind       TEXT COLLATE "C" NOT NULL,
    protected  BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

-- Custom roles. The built-in ones are in the program.
CREATE TABLE roles (
    id          TEXT COLLATE "C" PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL UNIQUE,
    permissions TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE grants (
    id             TEXT COLLATE "C" PRIMARY KEY,
    user_id        TEXT COLLATE "C" REFERENCES users (id) ON DELETE CASCADE,
    group_id       TEXT COLLATE "C" REFERENCES user_groups (id) ON DELETE CASCADE,
    role           TEXT COLLATE "C" NOT NULL,
    project_id     TEXT COLLATE "C" REFERENCES projects (id) ON DELETE CASCADE,
    environment_id TEXT COLLATE "C" REFERENCES environments (id) ON DELETE CASCADE,
    expires_at     BIGINT,
    created_at     BIGINT NOT NULL,
    CHECK ((user_id IS NULL) <> (group_id IS NULL))
);
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_group ON grants (group_id);

CREATE TABLE sessions (
    id            TEXT COLLATE "C" PRIMARY KEY,
    user_id       TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at    BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    step_up_until BIGINT NOT NULL,
    address       TEXT COLLATE "C" NOT NULL,
    user_agent    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE tokens (
    id             TEXT COLLATE "C" PRIMARY KEY,
    user_id        TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name           TEXT COLLATE "C" NOT NULL,
    hash           TEXT COLLATE "C" NOT NULL UNIQUE,
    role           TEXT COLLATE "C",
    project_id     TEXT COLLATE "C" REFERENCES projects (id) ON DELETE CASCADE,
    environment_id TEXT COLLATE "C" REFERENCES environments (id) ON DELETE CASCADE,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT,
    last_used_at   BIGINT,
    revoked_at     BIGINT
);
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE setup_tokens (
    hash       TEXT COLLATE "C" PRIMARY KEY,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE hosts (
    id             TEXT COLLATE "C" PRIMARY KEY,
    name           TEXT COLLATE "C" NOT NULL UNIQUE,
    endpoint       TEXT COLLATE "C" NOT NULL,
    environment_id TEXT COLLATE "C" REFERENCES environments (id),
    created_at     BIGINT NOT NULL
);

-- Whose an object of an engine is. No row: the platform's.
CREATE TABLE ownership (
    host_id    TEXT COLLATE "C" NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    kind       TEXT COLLATE "C" NOT NULL,
    object_id  TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    intent_id  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (host_id, kind, object_id)
);
CREATE INDEX ownership_project ON ownership (project_id);

CREATE TABLE operations (
    id          TEXT COLLATE "C" PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    user_id     TEXT COLLATE "C" NOT NULL,
    actor_name  TEXT COLLATE "C" NOT NULL,
    runner      TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT,
    done        BIGINT NOT NULL,
    total       BIGINT NOT NULL,
    items       TEXT COLLATE "C" NOT NULL,
    log         TEXT COLLATE "C" NOT NULL
);
CREATE INDEX operations_created ON operations (created_at);

CREATE TABLE idempotency (
    subject    TEXT COLLATE "C" NOT NULL,
    route      TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    body_hash  TEXT COLLATE "C" NOT NULL,
    runner     TEXT COLLATE "C" NOT NULL,
    status     BIGINT,
    body       TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    PRIMARY KEY (subject, route, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

-- The chain. Columns are what people filter by; the hash covers every one of them and the previous hash.
CREATE TABLE audit (
    seq            BIGINT PRIMARY KEY,
    id             TEXT COLLATE "C" NOT NULL UNIQUE,
    at             BIGINT NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    intent_id      TEXT COLLATE "C",
    actor_kind     TEXT COLLATE "C" NOT NULL,
    actor_id       TEXT COLLATE "C" NOT NULL,
    actor_name     TEXT COLLATE "C" NOT NULL,
    token_name     TEXT COLLATE "C",
    address        TEXT COLLATE "C" NOT NULL,
    permission     TEXT COLLATE "C" NOT NULL,
    action         TEXT COLLATE "C" NOT NULL,
    object_kind    TEXT COLLATE "C" NOT NULL,
    object_id      TEXT COLLATE "C" NOT NULL,
    object_name    TEXT COLLATE "C" NOT NULL,
    host_id        TEXT COLLATE "C",
    host_name      TEXT COLLATE "C",
    project_id     TEXT COLLATE "C",
    environment_id TEXT COLLATE "C",
    outcome        TEXT COLLATE "C" NOT NULL,
    detail         TEXT COLLATE "C" NOT NULL,
    reason         TEXT COLLATE "C" NOT NULL,
    request_id     TEXT COLLATE "C" NOT NULL,
    by_right       TEXT COLLATE "C" NOT NULL,
    count          BIGINT,
    prev           TEXT COLLATE "C" NOT NULL,
    hash           TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_intent ON audit (intent_id);
CREATE INDEX audit_object ON audit (object_id);

CREATE TABLE audit_head (
    id   BIGINT PRIMARY KEY,
    seq  BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

-- Intents without an outcome yet: written with the intent, deleted with the outcome.
CREATE TABLE open_intents (
    id         TEXT COLLATE "C" PRIMARY KEY,
    at         BIGINT NOT NULL,
    runner     TEXT COLLATE "C" NOT NULL,
    action     TEXT COLLATE "C" NOT NULL,
    host_id    TEXT COLLATE "C",
    object_id  TEXT COLLATE "C" NOT NULL,
    expected   TEXT COLLATE "C" NOT NULL
);
