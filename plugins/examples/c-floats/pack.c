/* Acme odds: how likely a call is answered, not swung by a few. */
#define CP_PACK_MINOR 1 /* the manifest has types */
#include "counterpoise_pack.h"

CP_MANIFEST(CP_JSON({
  "cp_manifest": 1, "id": "acme_odds", "version": "0.1.0", "title": { "en": "Acme odds" },
  "metrics": [{
    "key": "answer_rate", "title": { "en": "Odds of an answer" },
    "description": { "en": "Calls answered over calls made, drawn towards what is usual as if that had been seen in some calls before." },
    "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSPET/INT", "source": "Acme's sales manual",
    "formula": "(answered + usual * calls_before) / (made + calls_before)",
    "output": { "type": "float" },
    "inputs": [
      { "name": "answered", "type": "float", "measure": { "agg": "count", "source": "activities", "where": { "kind": "CALL", "done": true } } },
      { "name": "made", "type": "integer", "measure": { "agg": "count", "source": "activities", "where": { "kind": "CALL" } } }
    ],
    "parameters": [
      { "name": "usual", "description": { "en": "The share that is usual." }, "type": "float", "default": "0.4", "min": 0, "max": 1 },
      { "name": "calls_before", "description": { "en": "How much it counts." }, "type": "integer", "default": 10, "min": 0, "max": 1000 }
    ]
  }]
}));

static int known(const cp_col *column, uint64_t row) {
  return !column->validity || column->validity[row / 8] >> row % 8 & 1;
}

/* What is no value stays a row that is not written; a double that is no number would fail the batch. */
static int32_t evaluate(const cp_call *call, cp_err *err) {
  const cp_col *answered = &call->inputs[0], *made = &call->inputs[1];
  double usual = call->params[0].as.f64, before = (double)call->params[1].as.i64;
  (void)err;
  for (uint64_t row = 0; row < call->n_rows; row++) {
    double trials = (double)((const int64_t *)made->data)[row] + before;
    if (trials == 0 || !known(answered, row) || !known(made, row)) continue;
    ((double *)call->out->data)[row] = (((const double *)answered->data)[row] + usual * before) / trials;
    call->out->validity[row / 8] |= (uint8_t)(1 << row % 8);
  }
  return CP_OK;
}

CP_PACK(evaluate, 1, CP_BUILD_NO_UNWIND_OUT);
