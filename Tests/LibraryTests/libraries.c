/* Uses every function of the two shared libraries as a C program would. */
#include <errno.h>
#include <flux/hostlist.h>
#include <flux/idset.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

#define check(condition)                                                     \
    do {                                                                     \
        if (!(condition)) {                                                  \
            fprintf (stderr, "line %d: not so: %s\n", __LINE__, #condition); \
            failures++;                                                      \
        }                                                                    \
    } while (0)

#define fails_with(number, call) check ((errno = 0, (call)) && errno == (number))

static int is_idset (const struct idset *set, const char *expected)
{
    char *text = idset_encode (set, IDSET_FLAG_RANGE);
    int same = text && strcmp (text, expected) == 0;
    free (text);
    return same;
}

static int is_hostlist (struct hostlist *list, const char *expected)
{
    char *text = hostlist_encode (list);
    int same = text && strcmp (text, expected) == 0;
    free (text);
    return same;
}

static int is (const char *text, const char *expected)
{
    return text && strcmp (text, expected) == 0;
}

static void test_idset_members (void)
{
    struct idset *set = idset_create (0, IDSET_FLAG_AUTOGROW);
    check (idset_universe_size (set) == 1024);
    check (idset_empty (set) && idset_first (set) == IDSET_INVALID_ID && idset_last (set) == IDSET_INVALID_ID);
    check (idset_range_set (set, 5, 2) == 0 && idset_set (set, 5000) == 0 && idset_universe_size (set) == 8192);
    check (is_idset (set, "2-5,5000") && idset_count (set) == 5);
    check (idset_test (set, 3) && !idset_test (set, 6) && !idset_test (NULL, 3));
    check (idset_next (set, 5) == 5000 && idset_next (set, 5000) == IDSET_INVALID_ID);
    check (idset_prev (set, 5000) == 5 && idset_prev (set, 2) == IDSET_INVALID_ID);
    check (idset_clear (set, 3) == 0 && idset_clear (set, 3) == 0 && idset_range_clear (set, 4, 9000) == 0);
    check (is_idset (set, "2"));
    fails_with (EINVAL, idset_set (set, IDSET_INVALID_ID) < 0);
    fails_with (EINVAL, idset_set (NULL, 1) < 0);
    idset_destroy (set);
    set = idset_create (4, 0);
    fails_with (EINVAL, idset_set (set, 4) < 0);
    idset_destroy (set);
    fails_with (EINVAL, idset_create (4, IDSET_FLAG_RANGE) == NULL);
    fails_with (ERANGE, idset_create (IDSET_MAX_UNIVERSE + 1, 0) == NULL);
}

static void test_idset_text (void)
{
    idset_error_t error;
    size_t count;
    unsigned int maxid;
    struct idset *set = idset_decode ("[0-3,7]");
    char *text = idset_encode (set, IDSET_FLAG_BRACKETS);
    check (is (text, "[0,1,2,3,7]"));
    free (text);
    fails_with (EINVAL, idset_encode (set, IDSET_FLAG_INITFULL) == NULL);
    check (idset_decode_add (set, "9-10", -1, NULL) == 0 && idset_decode_subtract (set, "1-2,9", -1, NULL) == 0);
    check (is_idset (set, "0,3,7,10"));
    idset_destroy (set);
    fails_with (EINVAL, idset_decode ("3-1") == NULL);
    fails_with (EINVAL, idset_decode (NULL) == NULL);
    fails_with (EINVAL, idset_decode_ex ("1,x", -1, 0, 0, &error) == NULL);
    check (strstr (error.text, "column 3"));
    set = idset_decode_ex ("0-7garbage", 3, -1, 0, NULL);
    check (idset_universe_size (set) == 8);
    idset_destroy (set);
    fails_with (EINVAL, idset_decode_ex ("", -1, -1, 0, NULL) == NULL);
    check (idset_decode_empty ("[]", -1) && !idset_decode_empty ("1", -1) && !idset_decode_empty ("x", -1));
    check (idset_decode_info ("1-9", -1, &count, &maxid, NULL) == 0 && count == 9 && maxid == 9);
    check (idset_decode_info ("", -1, &count, &maxid, NULL) == 0 && count == 0 && maxid == IDSET_INVALID_ID);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    set = idset_ndecode ("1-29", 3);
#pragma GCC diagnostic pop
    check (is_idset (set, "1-2"));
    idset_destroy (set);
}

static void test_idset_algebra (void)
{
    struct idset *a = idset_decode ("0-5"), *b = idset_decode ("4-9"), *c = idset_decode ("20"), *result;
    check ((result = idset_union (a, b)) && is_idset (result, "0-9"));
    idset_destroy (result);
    check ((result = idset_difference (a, b)) && is_idset (result, "0-3"));
    idset_destroy (result);
    check ((result = idset_intersect (a, b)) && is_idset (result, "4-5"));
    idset_destroy (result);
    check ((result = idset_copy (a)) && idset_equal (a, result) && !idset_equal (a, b) && !idset_equal (a, NULL));
    idset_destroy (result);
    check (idset_has_intersection (a, b) && !idset_has_intersection (a, c) && !idset_has_intersection (a, NULL));
    check (idset_add (a, c) == 0 && idset_subtract (a, b) == 0 && idset_add (a, NULL) == 0 && is_idset (a, "0-3,20"));
    check (idset_clear_all (a) == 0 && idset_empty (a));
    fails_with (EINVAL, idset_union (NULL, b) == NULL);
    fails_with (EINVAL, idset_intersect (a, NULL) == NULL);
    fails_with (EINVAL, idset_add (NULL, b) < 0);
    idset_destroy (a);
    idset_destroy (b);
    idset_destroy (c);
    idset_destroy (NULL);
}

static void test_idset_allocation (void)
{
    unsigned int id;
    struct idset *set = idset_create (2, IDSET_FLAG_INITFULL);
    check (idset_alloc (set, &id) == 0 && id == 0 && idset_alloc (set, &id) == 0 && id == 1);
    fails_with (EINVAL, idset_alloc (set, &id) < 0);
    idset_free (set, 0);
    fails_with (EEXIST, idset_free_check (set, 0) < 0);
    check (idset_free_check (set, 1) == 0 && idset_count (set) == 2);
    idset_destroy (set);
}

static void test_hostlist_lists (void)
{
    struct hostlist *list = hostlist_create (), *other;
    check (hostlist_is_empty (list) && hostlist_count (NULL) == 0);
    check (hostlist_append (list, "n[3,1-2],login") == 4 && hostlist_append (list, NULL) == 0);
    check (is_hostlist (list, "n[3,1-2],login"));
    fails_with (EINVAL, hostlist_append (list, "n[") < 0);
    fails_with (EINVAL, hostlist_decode ("n[2-1]") == NULL);
    fails_with (EINVAL, hostlist_decode (NULL) == NULL);
    check ((other = hostlist_copy (list)) && hostlist_append_list (list, other) == 4 && hostlist_count (list) == 8);
    hostlist_sort (list);
    check (is_hostlist (list, "login,login,n[1,1-2,2-3,3]"));
    hostlist_uniq (list);
    check (is_hostlist (list, "login,n[1-3]"));
    check (hostlist_delete (list, "n[2-9]") == 2 && is_hostlist (list, "login,n1"));
    fails_with (EINVAL, hostlist_delete (list, NULL) < 0);
    hostlist_destroy (other);
    hostlist_destroy (list);
    hostlist_destroy (NULL);
}

static void test_hostlist_cursor (void)
{
    struct hostlist *list = hostlist_decode ("n[0-7]");
    struct hostlist_hostname *name = hostlist_hostname_create ("n6");
    check (is (hostlist_first (list), "n0") && is (hostlist_next (list), "n1") && is (hostlist_current (list), "n1"));
    check (hostlist_remove_current (list) == 1 && hostlist_current (list) == NULL && is (hostlist_next (list), "n2"));
    check (is (hostlist_nth (list, 3), "n4") && hostlist_delete (list, "n[0,7]") == 2);
    check (is (hostlist_current (list), "n4") && is (hostlist_next (list), "n5"));
    check (hostlist_delete (list, "n5") == 1 && is (hostlist_next (list), "n6") && hostlist_next (list) == NULL);
    check (hostlist_find (list, "n4") == 2 && is (hostlist_current (list), "n4"));
    check (hostlist_find_hostname (list, name) == 3 && is (hostlist_current (list), "n6"));
    check (is (hostlist_last (list), "n6") && hostlist_remove_current (list) == 1 && hostlist_next (list) == NULL);
    fails_with (ENOENT, hostlist_find (list, "x") < 0);
    fails_with (ENOENT, hostlist_nth (list, 99) == NULL);
    fails_with (EINVAL, hostlist_nth (list, -1) == NULL);
    fails_with (EINVAL, hostlist_find_hostname (list, NULL) < 0);
    hostlist_hostname_destroy (name);
    hostlist_hostname_destroy (NULL);
    hostlist_destroy (list);
}

int main (void)
{
    test_idset_members ();
    test_idset_text ();
    test_idset_algebra ();
    test_idset_allocation ();
    test_hostlist_lists ();
    test_hostlist_cursor ();
    if (failures == 0)
        printf ("all checks hold\n");
    return failures ? 1 : 0;
}
