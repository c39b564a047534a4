/* Every length up to 300, every offset and overlap that matters, against what a child would write. */
#define NAME(f) ecos_##f
#include "memory.c"

#include <stdio.h>
#include <string.h>

enum { MOST = 300, ROOM = 2 * MOST + 64 };

static int sign(int n) { return (n > 0) - (n < 0); }

static int copies(void) {
    byte found[ROOM], wanted[ROOM];
    for (size_t n = 0; n <= MOST; n++)
        for (size_t from = 0; from < 80; from++)
            for (size_t to = 0; to < 80; to++) {
                for (size_t i = 0; i < ROOM; i++) found[i] = wanted[i] = (byte)(i * 7 + i / 256);
                byte read[MOST];
                for (size_t i = 0; i < n; i++) read[i] = wanted[from + i];
                for (size_t i = 0; i < n; i++) wanted[to + i] = read[i];
                if (ecos_memmove(found + to, found + from, n) != found + to) return 1;
                for (size_t i = 0; i < ROOM; i++)
                    if (found[i] != wanted[i]) {
                        fprintf(stderr, "memmove of %zu from %zu to %zu differs at %zu\n", n, from, to, i);
                        return 1;
                    }
            }
    for (size_t n = 0; n <= MOST; n++) {
        for (size_t i = 0; i < ROOM; i++) found[i] = (byte)i, wanted[i] = 0xee;
        ecos_memcpy(wanted + 5, found + 3, n);
        for (size_t i = 0; i < ROOM; i++)
            if (wanted[i] != (i >= 5 && i < n + 5 ? (byte)(i - 2) : 0xee)) {
                fprintf(stderr, "memcpy of %zu differs at %zu\n", n, i);
                return 1;
            }
    }
    return 0;
}

static int comparisons(void) {
    byte a[MOST + 8], b[MOST + 8];
    for (size_t n = 0; n <= MOST; n++)
        for (size_t offset = 0; offset < 3; offset++) {
            for (size_t i = 0; i < sizeof a; i++) a[i] = b[i] = (byte)(i * 5);
            if (ecos_memcmp(a + offset, b + offset, n) || ecos_bcmp(a + offset, b + offset, n)) return 1;
            for (size_t at = 0; at < n; at++) {
                byte was = b[offset + at];
                for (int change = 1; change < 256; change += 127) {
                    b[offset + at] = (byte)(was + change);
                    int wanted = was < b[offset + at] ? -1 : 1;
                    if (sign(ecos_memcmp(a + offset, b + offset, n)) != wanted || sign(ecos_memcmp(b + offset, a + offset, n)) != -wanted) {
                        fprintf(stderr, "memcmp of %zu, differing at %zu by %d\n", n, at, change);
                        return 1;
                    }
                }
                b[offset + at] = was;
            }
        }
    return 0;
}

int main(void) { return copies() || comparisons(); }
