#pragma once
#include <zlib.h>

// zlib's macro passes the version and the struct's size; Swift does not import it.
// 31 window bits: the largest window, in a gzip wrapper; -15: the same without any wrapper, as ZIP has it.
static inline int vitals_deflate_init(z_stream *stream, int level, int window_bits) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}
static inline int vitals_inflate_init(z_stream *stream, int window_bits) { return inflateInit2(stream, window_bits); }
