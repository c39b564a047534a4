-- What the container policy lets pass by name, and why.
CREATE TABLE policy_exceptions (
    id         TEXT COLLATE "C" PRIMARY KEY,
    project_id TEXT COLLATE "C" REFERENCES projects (id) ON DELETE CASCADE,
    container  TEXT COLLATE "C",
    code       TEXT COLLATE "C" NOT NULL,
    value      TEXT COLLATE "C",
    reason     TEXT COLLATE "C" NOT NULL,
    actor_name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);
