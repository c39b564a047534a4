-- Kept events of engines, and the console's own about its hosts.

CREATE TABLE events (
    id              TEXT PRIMARY KEY,
    at              BIGINT NOT NULL,
    host_id         TEXT NOT NULL,
    host_name       TEXT NOT NULL,
    kind            TEXT NOT NULL,
    object_id       TEXT NOT NULL,
    object_name     TEXT NOT NULL,
    action          TEXT NOT NULL,
    exit_code       BIGINT,
    signal          BIGINT,
    health          TEXT,
    oom_killed      BOOLEAN NOT NULL,
    outside         BOOLEAN NOT NULL,
    intent_id       TEXT,
    actor_name      TEXT,
    image           TEXT,
    compose_project TEXT,
    project_id      TEXT,
    environment_id  TEXT
);
CREATE INDEX events_at ON events (at, id);
CREATE INDEX events_object ON events (object_id, at);
CREATE INDEX events_host ON events (host_id, at);
