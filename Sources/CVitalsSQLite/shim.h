#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>

// SQLite's macro is a cast that Swift does not import: it tells SQLite to copy what is bound.
static inline sqlite3_destructor_type vitals_sqlite_transient(void) { return SQLITE_TRANSIENT; }

// sqlite3_db_config takes variable arguments, which Swift does not import.

// Makes text in double quotes an identifier everywhere, never a string.
static inline void vitals_sqlite_disable_quoted_strings(sqlite3 *db) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0);
}

// Has the connection neither copy nor remove the write-ahead log when it is closed.
static inline void vitals_sqlite_leave_log(sqlite3 *db) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// A lock that says that a connection to a database is open, on SQLite's own bytes (os.h: SHARED_FIRST, SHARED_SIZE), held
// by an open file description and not by the process.
static inline int vitals_sqlite_has_holds(void) {
#ifdef F_OFD_SETLK
    return 1;
#else
    return 0;
#endif
}

// Takes the lock or gives it back; whether that was possible. Waits for nobody.
static inline int vitals_sqlite_hold(int descriptor, int holds) {
#ifdef F_OFD_SETLK
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = holds ? F_RDLCK : F_UNLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 0x40000002;
    lock.l_len = 510;
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
#else
    (void)descriptor; (void)holds;
    return 0;
#endif
}

// Whether anybody, this process included, holds one of SQLite's locks on the file.
static inline int vitals_sqlite_is_locked(int descriptor) {
#ifdef F_OFD_GETLK
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 0x40000000;
    lock.l_len = 512;
    // A write lock is asked about, which needs no right to write.
    return fcntl(descriptor, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
#else
    (void)descriptor;
    return 0;
#endif
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

// A file system that can refuse to read: while a thread has said so, SQLite may use only what it holds in memory, so that
// the thread never waits for a disk. It forwards everything else to the system's own.

typedef struct vitals_file {
    sqlite3_file base;
    sqlite3_file *real; // Follows in the same memory.
} vitals_file;

// 0: reads are allowed. 1: they are not. 2: they are not, and one was refused.
// Within a function, because Swift does not emit a header's own variables.
static inline int *vitals_memory_only(void) {
    static __thread int state;
    return &state;
}

static inline void vitals_sqlite_begin_memory_only(void) { *vitals_memory_only() = 1; }

// Whether a read was refused since the beginning: 1 or 0.
static inline int vitals_sqlite_end_memory_only(void) {
    int refused = *vitals_memory_only() == 2;
    *vitals_memory_only() = 0;
    return refused;
}

#define VITALS_REAL(file) (((vitals_file *)(file))->real)
#define VITALS_CALL(file, method, ...) (VITALS_REAL(file)->pMethods->method(VITALS_REAL(file), ##__VA_ARGS__))

static int vitals_close(sqlite3_file *f) { return VITALS_CALL(f, xClose); }
static int vitals_read(sqlite3_file *f, void *to, int count, sqlite3_int64 at) {
    if (*vitals_memory_only()) {
        *vitals_memory_only() = 2;
        return SQLITE_BUSY;
    }
    return VITALS_CALL(f, xRead, to, count, at);
}
static int vitals_write(sqlite3_file *f, const void *from, int count, sqlite3_int64 at) {
    return VITALS_CALL(f, xWrite, from, count, at);
}
static int vitals_truncate(sqlite3_file *f, sqlite3_int64 size) { return VITALS_CALL(f, xTruncate, size); }
static int vitals_sync(sqlite3_file *f, int flags) { return VITALS_CALL(f, xSync, flags); }
static int vitals_size(sqlite3_file *f, sqlite3_int64 *size) { return VITALS_CALL(f, xFileSize, size); }
static int vitals_lock(sqlite3_file *f, int level) { return VITALS_CALL(f, xLock, level); }
static int vitals_unlock(sqlite3_file *f, int level) { return VITALS_CALL(f, xUnlock, level); }
static int vitals_check(sqlite3_file *f, int *result) { return VITALS_CALL(f, xCheckReservedLock, result); }
static int vitals_control(sqlite3_file *f, int what, void *value) { return VITALS_CALL(f, xFileControl, what, value); }
static int vitals_sector(sqlite3_file *f) { return VITALS_CALL(f, xSectorSize); }
static int vitals_traits(sqlite3_file *f) { return VITALS_CALL(f, xDeviceCharacteristics); }
static int vitals_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **to) {
    return VITALS_CALL(f, xShmMap, page, size, extend, to);
}
static int vitals_shm_lock(sqlite3_file *f, int offset, int count, int flags) {
    return VITALS_CALL(f, xShmLock, offset, count, flags);
}
static void vitals_shm_barrier(sqlite3_file *f) { VITALS_CALL(f, xShmBarrier); }
static int vitals_shm_unmap(sqlite3_file *f, int remove) { return VITALS_CALL(f, xShmUnmap, remove); }
static int vitals_fetch(sqlite3_file *f, sqlite3_int64 at, int count, void **to) {
    if (*vitals_memory_only()) {
        *to = 0;
        return SQLITE_OK;
    }
    return VITALS_CALL(f, xFetch, at, count, to);
}
static int vitals_unfetch(sqlite3_file *f, sqlite3_int64 at, void *page) { return VITALS_CALL(f, xUnfetch, at, page); }

#define VITALS_METHODS(version)                                                                                        \
    {                                                                                                                  \
        version, vitals_close, vitals_read, vitals_write, vitals_truncate, vitals_sync, vitals_size, vitals_lock,     \
            vitals_unlock, vitals_check, vitals_control, vitals_sector, vitals_traits, vitals_shm_map,                 \
            vitals_shm_lock, vitals_shm_barrier, vitals_shm_unmap, vitals_fetch, vitals_unfetch                        \
    }
static const sqlite3_io_methods vitals_methods[3] = {VITALS_METHODS(1), VITALS_METHODS(2), VITALS_METHODS(3)};

static int vitals_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *result) {
    sqlite3_vfs *system = (sqlite3_vfs *)vfs->pAppData;
    vitals_file *file = (vitals_file *)f;
    file->real = (sqlite3_file *)(file + 1);
    memset(file->real, 0, (size_t)system->szOsFile);
    int code = system->xOpen(system, name, file->real, flags, result);
    // SQLite closes a file that has methods, also after an error.
    if (!file->real->pMethods) {
        f->pMethods = 0;
        return code;
    }
    int version = file->real->pMethods->iVersion;
    f->pMethods = &vitals_methods[version < 1 ? 0 : version > 3 ? 2 : version - 1];
    return code;
}

// Registers the file system under the name "vitals": 0 where SQLite has none to forward to.
static inline int vitals_sqlite_register_file_system(void) {
    static sqlite3_vfs vfs;
    sqlite3_vfs *system = sqlite3_vfs_find(0);
    if (!system || system->szOsFile <= 0) return 0;
    vfs = *system;
    vfs.pNext = 0;
    vfs.zName = "vitals";
    vfs.szOsFile = (int)sizeof(vitals_file) + system->szOsFile;
    vfs.pAppData = system;
    vfs.xOpen = vitals_open;
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
}
