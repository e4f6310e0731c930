#pragma once
#include <sqlite3.h>

// SQLite's macro is a cast that Swift does not import: it tells SQLite to copy what is bound.
static inline sqlite3_destructor_type vitals_sqlite_transient(void) { return SQLITE_TRANSIENT; }

// sqlite3_db_config takes variable arguments, which Swift does not import.

// Makes text in double quotes an identifier everywhere, never a string.
static inline void vitals_sqlite_disable_quoted_strings(sqlite3 *db) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0);
}

// Whether foreign keys are enforced: 1 or 0.
static inline int vitals_sqlite_foreign_keys(sqlite3 *db) {
    int on = 0;
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, -1, &on);
    return on;
}

// Loads an extension through the C interface; the SQL function stays disabled.
static inline int vitals_sqlite_load_extension(sqlite3 *db, const char *file, const char *entry, char **message) {
#if defined(SQLITE_OMIT_LOAD_EXTENSION) || defined(__APPLE__)
    (void)db; (void)file; (void)entry; (void)message;
    return SQLITE_ERROR;
#else
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, (int *)0);
    int code = sqlite3_load_extension(db, file, entry, message);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)0);
    return code;
#endif
}

// Whether the file was moved or removed while it was open: 1 or 0.
static inline int vitals_sqlite_has_moved(sqlite3 *db) {
    int moved = 0;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK) return 0;
    return moved;
}
