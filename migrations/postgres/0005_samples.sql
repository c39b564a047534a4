-- What containers used: a minute of each is one row, its six ten-second steps as JSON. Kept two hours.

CREATE TABLE samples (
    host_id   TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    minute    BIGINT NOT NULL,
    points    TEXT NOT NULL,
    PRIMARY KEY (host_id, object_id, minute)
);
CREATE INDEX samples_minute ON samples (minute);
