-- Operations know the token that began them: a token reads its own, not its owner's. Answers that are kept for repeats keep their head.
ALTER TABLE operations ADD COLUMN token_id TEXT;
ALTER TABLE idempotency ADD COLUMN headers TEXT;
