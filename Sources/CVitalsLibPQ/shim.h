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

// libpq 17's cancel requests: encrypted like the connection, and without blocking.

/// Begins a request to cancel what a connection does; NULL when the library has no such call. Ended by
/// vitals_cancel_finish.
static inline void *vitals_cancel_start(PGconn *connection) {
    typedef void *(*create)(PGconn *);
    typedef int (*start)(void *);
    typedef void (*finish)(void *);
    create make = (create)dlsym(RTLD_DEFAULT, "PQcancelCreate");
    start begin = (start)dlsym(RTLD_DEFAULT, "PQcancelStart");
    finish end = (finish)dlsym(RTLD_DEFAULT, "PQcancelFinish");
    if (!make || !begin || !end) return NULL;
    void *request = make(connection);
    if (request && !begin(request)) {
        end(request);
        return NULL;
    }
    return request;
}

/// PQcancelPoll: as PQconnectPoll says.
static inline PostgresPollingStatusType vitals_cancel_poll(void *request) {
    typedef PostgresPollingStatusType (*call)(void *);
    call found = (call)dlsym(RTLD_DEFAULT, "PQcancelPoll");
    return found ? found(request) : PGRES_POLLING_FAILED;
}

/// PQcancelSocket: the descriptor to wait for; -1 when there is none.
static inline int vitals_cancel_socket(void *request) {
    typedef int (*call)(void *);
    call found = (call)dlsym(RTLD_DEFAULT, "PQcancelSocket");
    return found ? found(request) : -1;
}

/// PQcancelFinish.
static inline void vitals_cancel_finish(void *request) {
    typedef void (*call)(void *);
    call found = (call)dlsym(RTLD_DEFAULT, "PQcancelFinish");
    if (found) found(request);
}
