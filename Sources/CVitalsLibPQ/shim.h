#pragma once
#include <libpq-fe.h>
#include <dlfcn.h>

// Calls of libpq newer than 15, used where the library at hand has them. NULL or 0 where it has not.

/// libpq 17's PQsetChunkedRowsMode: several rows a result instead of one. Returns 0 when it is not there.
static inline int vitals_set_chunked_rows(PGconn *connection, int rows) {
    typedef int (*call)(PGconn *, int);
    static call found;
    static int looked;
    if (!looked) {
        found = (call)dlsym(RTLD_DEFAULT, "PQsetChunkedRowsMode");
        looked = 1;
    }
    return found ? found(connection, rows) : 0;
}

/// PGRES_TUPLES_CHUNK of libpq 17.
static inline int vitals_is_chunk(ExecStatusType status) { return (int)status == 12; }
