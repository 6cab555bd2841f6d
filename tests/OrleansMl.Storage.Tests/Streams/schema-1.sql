CREATE TABLE store_info (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO store_info VALUES ('schema', 1), ('grain_state_etag_floor', 0), ('reminder_etag', 0);

CREATE TABLE entities (
    pk INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    last_sequence INTEGER NOT NULL,
    last_created INTEGER NOT NULL);
CREATE TABLE entity_log (
    entity INTEGER NOT NULL, sequence INTEGER NOT NULL,
    kind INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
    event_time INTEGER NOT NULL, created INTEGER NOT NULL, revision INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (entity, sequence)) WITHOUT ROWID;
CREATE UNIQUE INDEX entity_log_id ON entity_log (entity, kind, id, revision);
CREATE TABLE entity_snapshots (
    entity INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, fold_version TEXT NOT NULL, snapshot BLOB NOT NULL);

CREATE TABLE predictions (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    model TEXT NOT NULL, version INTEGER NOT NULL, learner_revision INTEGER,
    entity_key TEXT NOT NULL, target TEXT NOT NULL, subject TEXT NOT NULL,
    time INTEGER NOT NULL, created INTEGER NOT NULL, window_end INTEGER, by_event_time INTEGER NOT NULL,
    request_id TEXT, score REAL, propensity REAL,
    sequence INTEGER NOT NULL, lineage INTEGER NOT NULL,
    state INTEGER NOT NULL, label REAL,
    outcome_id TEXT, outcome_source TEXT, outcome_revision INTEGER NOT NULL,
    outcome_time INTEGER, labelled_at INTEGER);
CREATE TABLE prediction_bytes (pk INTEGER PRIMARY KEY, vector BLOB NOT NULL, response BLOB NOT NULL);
CREATE UNIQUE INDEX predictions_request ON predictions (model, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX predictions_model ON predictions (model, id);
CREATE INDEX predictions_entity ON predictions (entity_key, id) WHERE entity_key <> '';
CREATE INDEX predictions_open ON predictions (entity_key, target, time) WHERE state = 0;
CREATE INDEX predictions_due ON predictions (window_end) WHERE state = 0 AND by_event_time = 0 AND window_end IS NOT NULL;
CREATE INDEX predictions_closed ON predictions (entity_key, target, window_end) WHERE state IN (2, 4);

CREATE TABLE outcomes (
    entity_key TEXT NOT NULL, outcome_id TEXT NOT NULL,
    revision INTEGER NOT NULL, target TEXT NOT NULL, subject TEXT NOT NULL, prediction_id TEXT,
    time INTEGER NOT NULL, value REAL NOT NULL, source TEXT NOT NULL, created INTEGER NOT NULL,
    pending_until INTEGER, status INTEGER NOT NULL, content_hash BLOB NOT NULL,
    PRIMARY KEY (entity_key, outcome_id)) WITHOUT ROWID;
CREATE INDEX outcomes_pending ON outcomes (entity_key, target, time) WHERE pending_until IS NOT NULL;

CREATE TABLE topics (pk INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last_offset INTEGER NOT NULL);
CREATE TABLE outbox (
    topic INTEGER NOT NULL, offset INTEGER NOT NULL, payload BLOB NOT NULL,
    PRIMARY KEY (topic, offset)) WITHOUT ROWID;

CREATE TABLE grain_state (
    pk INTEGER PRIMARY KEY,
    name TEXT NOT NULL, grain TEXT NOT NULL, etag INTEGER NOT NULL, data BLOB NOT NULL,
    UNIQUE (name, grain));
CREATE TABLE reminders (
    grain TEXT NOT NULL, name TEXT NOT NULL,
    start_at INTEGER NOT NULL, period INTEGER NOT NULL, etag INTEGER NOT NULL,
    PRIMARY KEY (grain, name)) WITHOUT ROWID;
