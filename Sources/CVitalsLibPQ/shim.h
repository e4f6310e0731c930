#pragma once
#include <libpq-fe.h>
#include <dlfcn.h>

// The driver speaks the protocol itself once libpq has connected. On an encrypted connection it reads and writes
// through the OpenSSL object that libpq made, with the functions that libpq itself is bound to.

/// The OpenSSL object of a connection; NULL when the connection is not encrypted, or not by OpenSSL.
static inline void *vitals_tls(PGconn *connection) {
    return PQsslInUse(connection) ? PQsslStruct(connection, "OpenSSL") : NULL;
}

/// OpenSSL's functions, looked up once. Every field is set or `read` is NULL.
typedef struct {
    int (*read)(void *, void *, int);
    int (*write)(void *, const void *, int);
    int (*get_error)(const void *, int);
    void (*clear_error)(void);
} vitals_tls_calls;

static inline vitals_tls_calls vitals_tls_find(void) {
    vitals_tls_calls calls;
    calls.read = (int (*)(void *, void *, int))dlsym(RTLD_DEFAULT, "SSL_read");
    calls.write = (int (*)(void *, const void *, int))dlsym(RTLD_DEFAULT, "SSL_write");
    calls.get_error = (int (*)(const void *, int))dlsym(RTLD_DEFAULT, "SSL_get_error");
    calls.clear_error = (void (*)(void))dlsym(RTLD_DEFAULT, "ERR_clear_error");
    if (!calls.write || !calls.get_error || !calls.clear_error) calls.read = NULL;
    return calls;
}

/// Bytes moved, or one of these.
enum { VITALS_TLS_CLOSED = 0, VITALS_TLS_WANTS_READ = -1, VITALS_TLS_WANTS_WRITE = -2, VITALS_TLS_FAILED = -3 };

static inline int vitals_tls_outcome(const vitals_tls_calls *calls, void *tls, int code) {
    if (code > 0) return code;
    switch (calls->get_error(tls, code)) {
        case 2: return VITALS_TLS_WANTS_READ;   // SSL_ERROR_WANT_READ
        case 3: return VITALS_TLS_WANTS_WRITE;  // SSL_ERROR_WANT_WRITE
        case 6: return VITALS_TLS_CLOSED;       // SSL_ERROR_ZERO_RETURN
        default: return VITALS_TLS_FAILED;
    }
}

static inline int vitals_tls_read(const vitals_tls_calls *calls, void *tls, void *bytes, int count) {
    calls->clear_error();
    return vitals_tls_outcome(calls, tls, calls->read(tls, bytes, count));
}

static inline int vitals_tls_write(const vitals_tls_calls *calls, void *tls, const void *bytes, int count) {
    calls->clear_error();
    return vitals_tls_outcome(calls, tls, calls->write(tls, bytes, count));
}

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

#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// poll() of one descriptor with a limit of less than a second in nanoseconds.
static inline int vitals_poll(struct pollfd *entry, long nanoseconds) {
    struct timespec limit = {0, nanoseconds};
    return (int)syscall(SYS_ppoll, entry, 1, &limit, (void *)0, (size_t)0);
}
#endif
