/* Acme calls: how many calls a won opportunity takes. */
#include "counterpoise_pack.h"

CP_MANIFEST(CP_JSON({
  "cp_manifest": 1, "id": "acme_calls", "version": "0.1.0", "title": { "en": "Acme calls" },
  "metrics": [{
    "key": "calls_per_win", "title": { "en": "Calls per win" },
    "description": { "en": "Calls made in the period over opportunities won in it." },
    "kind": "number", "unit": "count", "direction": "down", "class": "NQSPET/INT", "source": "Acme's sales manual",
    "formula": "calls / won",
    "inputs": [
      { "name": "calls", "measure": { "agg": "count", "source": "activities", "where": { "kind": "CALL", "done": true } } },
      { "name": "won", "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "WON" } } }
    ]
  }]
}));

static __int128 value(const cp_col *column, uint64_t row) {
  cp_d128 number = ((const cp_d128 *)column->data)[row];
  return (__int128)((unsigned __int128)number.hi << 64 | number.lo);
}

/* Both inputs are counts, columns of scale 0; the output has 12 decimals. What is no value stays a row that is not written. */
static int32_t evaluate(const cp_call *call, cp_err *err) {
  const cp_col *calls = &call->inputs[0], *won = &call->inputs[1];
  for (uint64_t row = 0; row < call->n_rows; row++) {
    __int128 scaled, by = value(won, row); /* 0 where there is no value */
    if (by == 0 || (calls->validity && !(calls->validity[row / 8] >> row % 8 & 1))) continue;
    if (__builtin_mul_overflow(value(calls, row), 1000000000000, &scaled)) return err->row = (int64_t)row, CP_E_OVERFLOW;
    __int128 result = scaled / by, rest = scaled % by, tie = (rest < 0 ? -rest : rest) * 2 - (by < 0 ? -by : by);
    if (tie > 0 || (tie == 0 && result & 1)) result += (scaled < 0) == (by < 0) ? 1 : -1; /* half to even */
    ((cp_d128 *)call->out->data)[row] = (cp_d128){(uint64_t)result, (int64_t)(result >> 64)};
    call->out->validity[row / 8] |= (uint8_t)(1 << row % 8);
  }
  return CP_OK;
}

CP_PACK(evaluate, 1, CP_BUILD_NO_UNWIND_OUT);
