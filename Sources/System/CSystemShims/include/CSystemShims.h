// What Swift cannot say: variadic entry points, clone, macros, _GNU_SOURCE functions.
#ifndef CSYSTEMSHIMS_H
#define CSYSTEMSHIMS_H
#endif
