// The functions that digest without a provider: no table of algorithms is built at the first call, the context is a plain
// struct, and of the static library only these few objects are linked. OpenSSL 3 would rather see EVP used.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
