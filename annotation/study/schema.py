"""The tables of a study, in SQLite's SQL."""

from __future__ import annotations

FORMAT = "1"
"""Version of these tables. A study of another version is refused."""
ORDER_END = 1 << 62
"""Places of items in their random order are in [0, ORDER_END)."""

TABLES = """
CREATE TABLE facts (  -- format, settings (JSON), fingerprint and root of the source, mark of the secret, time
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE tasks (
    name TEXT PRIMARY KEY,
    first INTEGER NOT NULL,  -- numbers of its items
    last INTEGER NOT NULL
);
CREATE TABLE subsets (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    task TEXT NOT NULL
);
CREATE TABLE items (  -- sorted by task: the items of a task have consecutive numbers
    number INTEGER PRIMARY KEY,
    subset INTEGER NOT NULL REFERENCES subsets,
    position INTEGER NOT NULL,  -- index in the subset
    task TEXT NOT NULL,
    inclusion REAL,  -- probability that this item was selected for the study; null: unknown
    priority REAL NOT NULL DEFAULT 1,  -- higher is asked first; items without votes come before others
    shuffle INTEGER NOT NULL,  -- random order of items of equal priority
    wanted INTEGER NOT NULL,  -- people who shall judge the item
    votes INTEGER NOT NULL DEFAULT 0 CHECK (votes >= 0),  -- answers that count
    leases INTEGER NOT NULL DEFAULT 0 CHECK (leases >= 0),  -- open showings of people whose answers count
    UNIQUE (subset, position)
);
-- With `wanted` on the left in queries too: SQLite turns the comparison round, and then does not know it again.
CREATE INDEX items_to_ask ON items (task, priority DESC, shuffle) WHERE wanted > votes + leases;
CREATE TABLE persons (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,  -- keyed hash of platform and identity
    platform TEXT NOT NULL,
    entered REAL NOT NULL,
    rule TEXT,  -- the rule that set the person aside; null: answers count
    detail TEXT,
    readmitted REAL,
    withdrawn REAL
);
CREATE TABLE sessions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    person INTEGER NOT NULL REFERENCES persons ON DELETE CASCADE,
    visit TEXT,  -- keyed hash of the participation at a crowd platform; null: none
    task TEXT NOT NULL,
    stage TEXT NOT NULL,
    tab TEXT,
    items INTEGER NOT NULL,  -- questions of each role; sides and places follow from these and the number
    sentinels INTEGER NOT NULL,
    repeats INTEGER NOT NULL,
    training INTEGER NOT NULL,
    next_training INTEGER NOT NULL,  -- first place that was never shown
    next_question INTEGER NOT NULL,
    created REAL NOT NULL,
    finished REAL
);
CREATE INDEX sessions_of_person ON sessions (person);
CREATE UNIQUE INDEX one_session_per_visit ON sessions (visit) WHERE visit IS NOT NULL;
CREATE TABLE showings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
    person INTEGER NOT NULL REFERENCES persons ON DELETE CASCADE,
    place INTEGER NOT NULL,
    role TEXT NOT NULL,
    item INTEGER REFERENCES items,  -- null: sentinel, training, or no item was left for this place
    p1_left INTEGER,
    made TEXT,  -- how the pictures of a sentinel or training question are made (JSON)
    expected TEXT,  -- the right answer, where it is known
    shown REAL NOT NULL,
    expires REAL,  -- end of the lease of an item
    state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'returned', 'empty'))
);
CREATE UNIQUE INDEX one_item_per_person ON showings (person, item) WHERE role = 'item' AND item IS NOT NULL;
CREATE INDEX showings_of_session ON showings (session, state, place);
CREATE INDEX leases ON showings (expires) WHERE state = 'open' AND expires IS NOT NULL;
CREATE TABLE answers (
    showing INTEGER PRIMARY KEY REFERENCES showings ON DELETE CASCADE,
    choice TEXT NOT NULL,
    response_ms REAL,
    shown_ms REAL,
    asked_ms REAL,
    frame_ms REAL,
    frames INTEGER,
    dpr REAL,
    factor REAL,
    timing TEXT NOT NULL DEFAULT '{}',  -- what else the browser measured (JSON)
    received REAL NOT NULL,
    early INTEGER NOT NULL  -- 1: given before the pictures stood; it does not count
);
"""
