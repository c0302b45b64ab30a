"""The journal's tables, version by version. Statements only; who migrates and what the rows mean others know."""

from __future__ import annotations

# One entry a version, applied in order; an old entry is never edited. Times are whole seconds since 1970.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE persons (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE COLLATE NOCASE,
            since INTEGER NOT NULL
        )""",
        """CREATE TABLE screenings (
            id INTEGER PRIMARY KEY,
            person INTEGER NOT NULL REFERENCES persons ON DELETE CASCADE,
            made INTEGER NOT NULL,
            held INTEGER NOT NULL,            -- 1: counts; when several do, the strictest of each limit holds
            answers TEXT NOT NULL             -- JSON: question -> answer
        )""",
        """CREATE TABLE happenings (
            id INTEGER PRIMARY KEY,
            person INTEGER REFERENCES persons ON DELETE CASCADE,
            at INTEGER NOT NULL,
            what TEXT NOT NULL
        )""",
        """CREATE TABLE sessions (
            id TEXT PRIMARY KEY,
            person INTEGER REFERENCES persons ON DELETE CASCADE,   -- NULL: nobody was named
            started INTEGER NOT NULL,
            ended INTEGER,                    -- NULL: under way, or its host died
            simulated INTEGER NOT NULL,
            program TEXT NOT NULL,
            tier TEXT,
            device TEXT,
            outcome TEXT,
            reason TEXT,
            lease_s REAL, session_s REAL, volume_l REAL, trip_c REAL,             -- bounds of what nobody saw
            elapsed_s REAL, feet_in INTEGER, celsius REAL, pressed INTEGER        -- the last thing that was seen
        )""",
        "CREATE INDEX sessions_of_person ON sessions (person, started)",
        """CREATE TABLE use (
            session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
            minute INTEGER NOT NULL,          -- since 1970
            soak_s REAL NOT NULL,
            massage_s REAL NOT NULL,          -- two feet count twice
            dose_cem43 REAL NOT NULL,
            PRIMARY KEY (session, minute)
        ) WITHOUT ROWID""",
    ),
    (
        # What a session was and what became of it. NULL: not known, or of an older version.
        *(
            f"ALTER TABLE sessions ADD COLUMN {column}"
            for column in (
                "title TEXT", "hint TEXT", "fault INTEGER", "off INTEGER",                      # off: read back as off at the end
                "duration_s REAL", "water_max_c REAL", "pressure_max_kpa REAL", "dose_cem43 REAL",
                "model TEXT", "firmware TEXT", "plan TEXT", "lost_s REAL NOT NULL DEFAULT 0",     # plan: JSON; lost_s: telemetry not kept
            )
        ),
        "CREATE INDEX sessions_by_start ON sessions (started)",
        """CREATE TABLE phases (
            session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
            number INTEGER NOT NULL,
            kind TEXT NOT NULL, name TEXT NOT NULL,
            started_s REAL NOT NULL, ended_s REAL,                                -- since the session's begin
            outcome TEXT NOT NULL,
            PRIMARY KEY (session, number)
        ) WITHOUT ROWID""",
        """CREATE TABLE events (
            session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
            number INTEGER NOT NULL,
            at_s REAL NOT NULL,
            kind TEXT NOT NULL, words TEXT NOT NULL,
            PRIMARY KEY (session, number)
        ) WITHOUT ROWID""",
        """CREATE TABLE telemetry (
            session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
            first_ms INTEGER NOT NULL,
            data BLOB NOT NULL,                                                   -- footctl.run.telemetry
            PRIMARY KEY (session, first_ms)
        ) WITHOUT ROWID""",
        """CREATE TABLE pains (
            session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
            number INTEGER NOT NULL,
            at_s REAL NOT NULL, source TEXT NOT NULL,                             -- key, device, terminal, phone
            foot TEXT, zone TEXT, technique TEXT, pressure_kpa REAL, water_c REAL,
            score INTEGER, mistake INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (session, number)
        ) WITHOUT ROWID""",
        """CREATE TABLE lessons (
            id INTEGER PRIMARY KEY,
            person INTEGER REFERENCES persons ON DELETE CASCADE,
            session TEXT REFERENCES sessions ON DELETE SET NULL,
            at INTEGER NOT NULL, simulated INTEGER NOT NULL,
            place TEXT NOT NULL, most REAL NOT NULL, why TEXT NOT NULL,           -- place: a key of footctl.core.learned
            raised INTEGER                                                        -- when a person lifted it; NULL: it holds
        )""",
        "CREATE INDEX lessons_of_person ON lessons (person)",
        """CREATE TABLE ratings (
            id INTEGER PRIMARY KEY,
            person INTEGER REFERENCES persons ON DELETE CASCADE,
            session TEXT REFERENCES sessions ON DELETE CASCADE,
            at INTEGER NOT NULL,
            moment TEXT NOT NULL,                                                 -- before, during, after
            measure TEXT NOT NULL, score INTEGER NOT NULL,
            UNIQUE (session, moment, measure, at)
        )""",
        "CREATE INDEX ratings_of_person ON ratings (person, at)",
        """CREATE TABLE skin_checks (
            id INTEGER PRIMARY KEY,
            person INTEGER REFERENCES persons ON DELETE CASCADE,
            session TEXT REFERENCES sessions ON DELETE CASCADE,
            at INTEGER NOT NULL, finding TEXT NOT NULL, foot TEXT NOT NULL
        )""",
        """CREATE TABLE notes (
            id INTEGER PRIMARY KEY,
            person INTEGER REFERENCES persons ON DELETE CASCADE,
            session TEXT REFERENCES sessions ON DELETE CASCADE,
            at INTEGER NOT NULL, text TEXT NOT NULL
        )""",
        """CREATE TABLE acknowledged (
            id INTEGER PRIMARY KEY,
            person INTEGER REFERENCES persons ON DELETE CASCADE,
            rule TEXT NOT NULL,
            until INTEGER NOT NULL,                                               -- what was told up to here was read
            at INTEGER NOT NULL
        )""",
    ),
)  # fmt: skip
SCHEMA = len(MIGRATIONS)
