#pragma once
#include <stddef.h>
#include <stdint.h>

// "Using libFuzzer as a library" (https://llvm.org/docs/LibFuzzer.html): linked by -sanitize=fuzzer.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));
