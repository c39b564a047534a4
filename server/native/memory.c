/* Copying and comparing memory for the static binary on x86-64.
 *
 * musl copies by `rep movs`, which costs some thirty cycles to begin with, and compares byte by byte. Writing JSON is many small copies:
 * they took almost half of the time of a list. SSE2 is what every x86-64 has.
 *
 * Built as the C library's own functions where the target is musl, and under names of their own for the test elsewhere. */

#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>

#ifndef NAME
#define NAME(f) f
#endif

typedef unsigned char byte;
typedef uint16_t __attribute__((aligned(1), may_alias)) u16;
typedef uint32_t __attribute__((aligned(1), may_alias)) u32;
typedef uint64_t __attribute__((aligned(1), may_alias)) u64;

static inline __m128i load(const byte *p) { return _mm_loadu_si128((const __m128i *)p); }
static inline void store(byte *p, __m128i v) { _mm_storeu_si128((__m128i *)p, v); }

/* At most 64 bytes: all are read before any is written, so that the places may overlap. */
static inline void copy_short(byte *d, const byte *s, size_t n) {
    if (n > 32) {
        __m128i a = load(s), b = load(s + 16), c = load(s + n - 32), e = load(s + n - 16);
        store(d, a), store(d + 16, b), store(d + n - 32, c), store(d + n - 16, e);
    } else if (n > 16) {
        __m128i a = load(s), b = load(s + n - 16);
        store(d, a), store(d + n - 16, b);
    } else if (n >= 8) {
        uint64_t a = *(const u64 *)s, b = *(const u64 *)(s + n - 8);
        *(u64 *)d = a, *(u64 *)(d + n - 8) = b;
    } else if (n >= 4) {
        uint32_t a = *(const u32 *)s, b = *(const u32 *)(s + n - 4);
        *(u32 *)d = a, *(u32 *)(d + n - 4) = b;
    } else if (n >= 2) {
        uint16_t a = *(const u16 *)s, b = *(const u16 *)(s + n - 2);
        *(u16 *)d = a, *(u16 *)(d + n - 2) = b;
    } else if (n) {
        *d = *s;
    }
}

void *NAME(memmove)(void *to, const void *from, size_t n) {
    byte *d = to;
    const byte *s = from;
    if (n <= 64) {
        copy_short(d, s, n);
        return to;
    }
    if ((uintptr_t)d - (uintptr_t)s >= n) {
        /* Forwards: what is written lies before what is still to be read. The end is read first, the pieces may overlap it. */
        __m128i w = load(s + n - 64), x = load(s + n - 48), y = load(s + n - 32), z = load(s + n - 16);
        for (size_t i = 0; i < n - 64; i += 64) {
            __m128i a = load(s + i), b = load(s + i + 16), c = load(s + i + 32), e = load(s + i + 48);
            store(d + i, a), store(d + i + 16, b), store(d + i + 32, c), store(d + i + 48, e);
        }
        store(d + n - 64, w), store(d + n - 48, x), store(d + n - 32, y), store(d + n - 16, z);
    } else {
        /* Backwards, the beginning read first. */
        __m128i w = load(s), x = load(s + 16), y = load(s + 32), z = load(s + 48);
        for (size_t i = n; i > 64; i -= 64) {
            __m128i a = load(s + i - 64), b = load(s + i - 48), c = load(s + i - 32), e = load(s + i - 16);
            store(d + i - 64, a), store(d + i - 48, b), store(d + i - 32, c), store(d + i - 16, e);
        }
        store(d, w), store(d + 16, x), store(d + 32, y), store(d + 48, z);
    }
    return to;
}

void *NAME(memcpy)(void *restrict to, const void *restrict from, size_t n) { return NAME(memmove)(to, from, n); }

int NAME(memcmp)(const void *left, const void *right, size_t n) {
    const byte *a = left, *b = right;
    while (n >= 16) {
        unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(load(a), load(b)));
        if (same != 0xffff) {
            int i = __builtin_ctz(~same);
            return a[i] - b[i];
        }
        a += 16, b += 16, n -= 16;
    }
    if (n >= 8) {
        uint64_t x = __builtin_bswap64(*(const u64 *)a), y = __builtin_bswap64(*(const u64 *)b);
        if (x != y) return x < y ? -1 : 1;
        a += 8, b += 8, n -= 8;
    }
    for (; n; a++, b++, n--)
        if (*a != *b) return *a - *b;
    return 0;
}

int NAME(bcmp)(const void *left, const void *right, size_t n) { return NAME(memcmp)(left, right, n); }
