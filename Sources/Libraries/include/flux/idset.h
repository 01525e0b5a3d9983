/* Sets of non-negative integers and their text form, "0-3,7" (RFC 22).
 *
 * Functions that return a pointer return NULL on failure, those that return int return -1; errno says why:
 * EINVAL for a bad argument, text or id, ERANGE for an id beyond the largest universe, EEXIST for a second free.
 * A NULL set is an error for functions that change it and an empty set for those that look at it.
 */
#ifndef FLUX_IDSET_H
#define FLUX_IDSET_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct idset;

enum idset_flags {
    IDSET_FLAG_AUTOGROW = 1,    /* the universe doubles until an id fits */
    IDSET_FLAG_BRACKETS = 2,    /* encode: [0,2] instead of 0,2; a single id stays bare */
    IDSET_FLAG_RANGE = 4,       /* encode: 0-3 instead of 0,1,2,3 */
    IDSET_FLAG_INITFULL = 8,    /* the set begins full, and what it gains by growing is full */
    IDSET_FLAG_COUNT_LAZY = 16, /* accepted; counting costs the same with and without it */
    IDSET_FLAG_ALLOC_RR = 32,   /* idset_alloc goes on behind the id it gave last */
};

/* Message of a decoding error. */
typedef struct {
    char text[160];
} idset_error_t;

/* What functions return when there is no such id. */
#define IDSET_INVALID_ID (UINT_MAX - 1)
/* Largest universe: ids are less than this. */
#define IDSET_MAX_UNIVERSE ((size_t)(INT_MAX) + 1)

/* A universe of ids 0 ... size - 1 (0: a default size). Flags: AUTOGROW, INITFULL, COUNT_LAZY, ALLOC_RR. */
struct idset *idset_create (size_t size, int flags);
void idset_destroy (struct idset *set);
struct idset *idset_copy (const struct idset *set);
size_t idset_universe_size (const struct idset *set);

/* Text of a set; the caller frees it. Flags: BRACKETS, RANGE. */
char *idset_encode (const struct idset *set, int flags);

/* The set that a text names, in a universe that grows. */
struct idset *idset_decode (const char *text);
/* The same for the first bytes of a text. Use idset_decode_ex instead. */
struct idset *idset_ndecode (const char *text, size_t length) __attribute__ ((deprecated));
/* The set that the first `length` bytes name (-1: all), in a universe of `size` (0: default, -1: as large as needed)
 * with the flags of idset_create; `error` may be NULL.
 */
struct idset *idset_decode_ex (const char *text, ssize_t length, ssize_t size, int flags, idset_error_t *error);
/* Whether a text names the empty set; false when it is not an idset. */
bool idset_decode_empty (const char *text, ssize_t length);
/* Number of ids and largest id (IDSET_INVALID_ID when there is none) that a text names; either may be NULL. */
int idset_decode_info (const char *text, ssize_t length, size_t *count, unsigned int *maxid, idset_error_t *error);
/* Adds or removes what a text names. */
int idset_decode_add (struct idset *set, const char *text, ssize_t length, idset_error_t *error);
int idset_decode_subtract (struct idset *set, const char *text, ssize_t length, idset_error_t *error);

/* Add or remove an id, or all ids from one to another in either order. Removing an absent id is no error. */
int idset_set (struct idset *set, unsigned int id);
int idset_range_set (struct idset *set, unsigned int low, unsigned int high);
int idset_clear (struct idset *set, unsigned int id);
int idset_range_clear (struct idset *set, unsigned int low, unsigned int high);

/* Looking at a set. The id functions give IDSET_INVALID_ID when there is none. */
bool idset_test (const struct idset *set, unsigned int id);
unsigned int idset_first (const struct idset *set);
unsigned int idset_next (const struct idset *set, unsigned int id);
unsigned int idset_last (const struct idset *set);
unsigned int idset_prev (const struct idset *set, unsigned int id);
size_t idset_count (const struct idset *set);
bool idset_empty (const struct idset *set);
bool idset_equal (const struct idset *a, const struct idset *b);
bool idset_has_intersection (const struct idset *a, const struct idset *b);

/* New sets made of two. In union and difference b may be NULL. */
struct idset *idset_union (const struct idset *a, const struct idset *b);
struct idset *idset_difference (const struct idset *a, const struct idset *b);
struct idset *idset_intersect (const struct idset *a, const struct idset *b);

/* Changing a by b, which may be NULL. */
int idset_add (struct idset *a, const struct idset *b);
int idset_subtract (struct idset *a, const struct idset *b);
#define idset_clear_all(set) idset_subtract ((set), (set))

/* Handing out ids of a set created with IDSET_FLAG_INITFULL: alloc takes one out, free puts it back. */
int idset_alloc (struct idset *set, unsigned int *id);
void idset_free (struct idset *set, unsigned int id);
int idset_free_check (struct idset *set, unsigned int id);

#ifdef __cplusplus
}
#endif

#endif
