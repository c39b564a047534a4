-- People of a project or environment read their part of the trail, newest first, without a walk through everybody's.
CREATE INDEX audit_project ON audit (project_id, seq);
CREATE INDEX audit_environment ON audit (environment_id, seq);
