-- People of a project or environment read their events, newest first, without a walk through everybody's.
CREATE INDEX events_project ON events (project_id, at, id);
CREATE INDEX events_environment ON events (environment_id, at, id);
