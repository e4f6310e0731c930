#pragma once
#include <sqlite3.h>

// SQLite's macro is a cast that Swift does not import: it tells SQLite to copy what is bound.
static inline sqlite3_destructor_type vitals_sqlite_transient(void) { return SQLITE_TRANSIENT; }
