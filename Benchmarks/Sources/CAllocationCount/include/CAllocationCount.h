// Counts what malloc, calloc and realloc were asked for in this process, by whomever: C because the symbols of the
// allocator have to be replaced.
#ifndef CALLOCATIONCOUNT_H
#define CALLOCATIONCOUNT_H

unsigned long allocation_count(void);

#endif
