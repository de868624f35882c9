/* A pack with one metric, its input, that does something else first. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "counterpoise_pack.h"

CP_MANIFEST(DESCRIBED);

BESIDE

static int32_t evaluate(const cp_call *call, cp_err *err) {
  const cp_col *in = call->inputs;
  cp_d128 *out = (cp_d128 *)call->out->data;
  uint8_t *valid = call->out->validity;
  uint64_t n = call->n_rows;
  FIRST;
  for (uint64_t row = 0; row < n; row++) {
    if (in->validity && !(in->validity[row / 8] >> (row % 8) & 1)) continue;
    cp_d128 value = ((const cp_d128 *)in->data)[row];
    __int128 scaled;
    if (__builtin_mul_overflow((__int128)((unsigned __int128)value.hi << 64 | value.lo), 1000000000000, &scaled)) return CP_E_OVERFLOW;
    out[row] = (cp_d128){(uint64_t)scaled, (int64_t)(scaled >> 64)};
    valid[row / 8] |= 1 << (row % 8);
  }
  return CP_OK;
}

CP_PACK(evaluate, 1, CP_BUILD_NO_UNWIND_OUT);
