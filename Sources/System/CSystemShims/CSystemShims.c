#define _GNU_SOURCE
#include "CSystemShims.h"
