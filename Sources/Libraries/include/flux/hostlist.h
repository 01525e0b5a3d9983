/* Ordered lists of host names and their text form, "node[0-3,7],login" (RFC 29). Names may repeat.
 *
 * Functions that return a pointer return NULL on failure, those that return int return -1; errno says why: EINVAL for a
 * bad argument or text, ERANGE for too many hosts, ENOENT when there is no such host.
 *
 * A list has a cursor, which nth, find, first, last and next move. Names that they return are valid until the cursor
 * moves or the list goes away.
 */
#ifndef FLUX_HOSTLIST_H
#define FLUX_HOSTLIST_H

#ifdef __cplusplus
extern "C" {
#endif

struct hostlist;
struct hostlist_hostname;

struct hostlist *hostlist_create (void);
void hostlist_destroy (struct hostlist *list);
struct hostlist *hostlist_copy (const struct hostlist *list);

/* The list that a text names; its text, which the caller frees. */
struct hostlist *hostlist_decode (const char *text);
char *hostlist_encode (struct hostlist *list);

/* Append what a text names, or another list; number of hosts appended. */
int hostlist_append (struct hostlist *list, const char *text);
int hostlist_append_list (struct hostlist *list, struct hostlist *other);
/* Remove the first host of each name in a text; number of hosts removed. */
int hostlist_delete (struct hostlist *list, const char *text);

int hostlist_count (struct hostlist *list);
#define hostlist_is_empty(list) (hostlist_count (list) == 0)

/* Sort by prefix and number; uniq also drops names that repeat. */
void hostlist_sort (struct hostlist *list);
void hostlist_uniq (struct hostlist *list);

/* The host at a position, from 0. */
const char *hostlist_nth (struct hostlist *list, int position);
/* Position of the first host of a name. */
int hostlist_find (struct hostlist *list, const char *name);

/* A name to look for in many lists. */
struct hostlist_hostname *hostlist_hostname_create (const char *name);
void hostlist_hostname_destroy (struct hostlist_hostname *name);
int hostlist_find_hostname (struct hostlist *list, struct hostlist_hostname *name);

/* The cursor. NULL at the end of the list. */
const char *hostlist_first (struct hostlist *list);
const char *hostlist_last (struct hostlist *list);
const char *hostlist_next (struct hostlist *list);
const char *hostlist_current (struct hostlist *list);
/* Removes the host at the cursor: 1, or 0 when there is none. hostlist_next gives the one behind it then. */
int hostlist_remove_current (struct hostlist *list);

#ifdef __cplusplus
}
#endif

#endif
