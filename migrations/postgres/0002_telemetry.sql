-- Kept events of engines, and the console's own about its hosts.

CREATE TABLE events (
    id              TEXT COLLATE "C" PRIMARY KEY,
    at              BIGINT NOT NULL,
    host_id         TEXT COLLATE "C" NOT NULL,
    host_name       TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    object_id       TEXT COLLATE "C" NOT NULL,
    object_name     TEXT COLLATE "C" NOT NULL,
    action          TEXT COLLATE "C" NOT NULL,
    exit_code       BIGINT,
    signal          BIGINT,
    health          TEXT COLLATE "C",
    oom_killed      BOOLEAN NOT NULL,
    outside         BOOLEAN NOT NULL,
    intent_id       TEXT COLLATE "C",
    actor_name      TEXT COLLATE "C",
    image           TEXT COLLATE "C",
    compose_project TEXT COLLATE "C",
    project_id      TEXT COLLATE "C",
    environment_id  TEXT COLLATE "C"
);
CREATE INDEX events_at ON events (at, id);
CREATE INDEX events_object ON events (object_id, at);
CREATE INDEX events_host ON events (host_id, at);
