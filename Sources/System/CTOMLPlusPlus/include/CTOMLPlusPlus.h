// TOML through toml++, which is a C++ library of templates that Swift cannot call.
#ifndef CTOMLPLUSPLUS_H
#define CTOMLPLUSPLUS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Where a document stopped being TOML, both from 1, and why.
struct flux_toml_error {
    unsigned line;
    unsigned column;
    char reason[240];
};

// The document as JSON text, or NULL with *error filled in. To be freed with free().
// Dates and times become strings.
char *flux_toml_to_json(const char *text, size_t size, struct flux_toml_error *error);

#ifdef __cplusplus
}
#endif

#endif
